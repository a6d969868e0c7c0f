import { fromBase64Url, type Bytes } from '../core/bytes.ts'
import { MPC_WASM } from './wasm-bytes.ts'

/** The bytes of `mpc.wasm`, carried by this module: needs no asset, no fetch and no bundler setting. */
export function inlineMpcWasm(): Bytes {
  return fromBase64Url(MPC_WASM)
}
