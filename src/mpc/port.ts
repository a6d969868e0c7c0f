import type { AbortOptions } from '../core/abort.ts'
import type { Bytes } from '../core/bytes.ts'

/**
 * The threshold core, one instance with a memory of its own: here, or in a
 * Worker. Operations and payloads are those of `wasm/SPEC.md` section 7.
 *
 * - `call` runs one operation. The payload's bytes belong to the call and are overwritten.
 *   What comes back is the caller's, who overwrites it when it held a secret.
 * - An operation that failed leaves the instance usable, unless it stopped on a
 *   fault: then it and every later call reject with `mpc/poisoned`.
 * - `close` drops the instance with all it holds; a Worker is terminated. It may be repeated.
 *   Later calls reject with `usage/closed`.
 *
 * Failures: `mpc/disagreement`, `mpc/banned`, `mpc/misbehaved`, `mpc/bad-randomness`, `mpc/poisoned`,
 * `usage/invalid-argument`, `usage/closed`; in a Worker `worker/failed` too.
 */
export type Mpc = {
  call(op: number, payload: Bytes, options?: AbortOptions): Promise<Bytes>
  close(): void
}

/** Makes a fresh core. Each ceremony takes one of its own and closes it afterwards. */
export type OpenMpc = (options?: AbortOptions) => Promise<Mpc>
