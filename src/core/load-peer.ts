import { LocketError } from './errors.ts'

/**
 * An optional package, when it is first needed.
 *
 * @param load - Imports it, spelled so that bundlers see which.
 * @throws {LocketError} `usage/missing-peer`
 */
export async function loadPeer<T>(operation: string, name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (cause) {
    const message = `${name} could not be loaded`
    throw new LocketError('usage/missing-peer', { operation, message, details: { package: name }, cause })
  }
}
