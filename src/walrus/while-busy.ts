import { LocketError } from '../core/errors.ts'
import type { WalrusContext } from './context.ts'

const LOOK_MS = 100
const QUIET_LOOKS = 3

/**
 * Runs a read of the SDK's and ends it when it has stopped without settling.
 *
 * `readBlob` of `@mysten/walrus` 1.2.13 never settles when all storage nodes
 * fail in the same moment (its error count steps over the number it waits for),
 * nor when exactly the fewest slivers that decode can be had. Without this,
 * being offline would take as long as the whole deadline.
 *
 * @throws {LocketError} `walrus/unavailable` once requests were made, none is open, and nothing has come of it for 300 ms.
 */
export async function whileBusy<T>(context: WalrusContext, signal: AbortSignal, read: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController()
  const before = context.nodeTraffic().made
  const hung = async (): Promise<never> => {
    for (let quiet = 0; quiet < QUIET_LOOKS; ) {
      await context.clock.sleep(LOOK_MS, { signal: stop.signal })
      const { made, open } = context.nodeTraffic()
      quiet = made > before && open === 0 ? quiet + 1 : 0
    }
    throw new LocketError('walrus/unavailable', {
      operation: 'walrus.read',
      message: 'too few storage nodes answered',
      details: { source: 'storage nodes' },
    })
  }
  try {
    return await Promise.race([read(AbortSignal.any([signal, stop.signal])), hung()])
  } finally {
    stop.abort()
  }
}
