import type { Bytes } from '../core/bytes.ts'
import { createRpcServer, type RpcPort, type RpcServer } from '../core/rpc.ts'
import { loadMpc, type LoadMpcOptions } from './load-mpc.ts'
import type { Mpc } from './port.ts'

/** Name of the service that a ceremony's worker offers. */
export const MPC_SERVICE = 'mpc'

export type MpcCallRequest = { readonly op: number; readonly payload: Bytes }

/** Offers one threshold core on `port`: `load` once, then `call`. */
export function serveMpc(port: RpcPort): RpcServer {
  const server = createRpcServer(port)
  let core: Mpc | undefined
  server.serve(MPC_SERVICE, {
    async load({ wasm }: Pick<LoadMpcOptions, 'wasm'>) {
      core ??= await loadMpc({ wasm })
    },
    async call({ op, payload }: MpcCallRequest, { signal, transfer }) {
      const answer = await (core as Mpc).call(op, payload, { signal })
      transfer(answer.buffer)
      return answer
    },
  })
  return server
}
