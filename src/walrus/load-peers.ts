import { LocketError } from '../core/errors.ts'

/**
 * `@mysten/walrus`, fetched when first needed. Readers that only use
 * aggregators never load it.
 *
 * @throws {LocketError} `usage/missing-peer` if the package is not installed.
 */
export async function loadWalrusSdk(): Promise<typeof import('@mysten/walrus')> {
  try {
    return await import('@mysten/walrus')
  } catch (cause) {
    throw missing('@mysten/walrus', cause)
  }
}

/**
 * The transaction builder of `@mysten/sui`, fetched when first needed.
 *
 * @throws {LocketError} `usage/missing-peer` if the package is not installed.
 */
export async function loadSuiTransactions(): Promise<typeof import('@mysten/sui/transactions')> {
  try {
    return await import('@mysten/sui/transactions')
  } catch (cause) {
    throw missing('@mysten/sui', cause)
  }
}

function missing(name: string, cause: unknown): LocketError {
  return new LocketError('usage/missing-peer', {
    operation: 'walrus.load',
    message: `${name} could not be loaded`,
    details: { package: name },
    cause,
  })
}
