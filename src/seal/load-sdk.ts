import { LocketError } from '../core/errors.ts'

/** The parts of the Mysten SDKs the engine uses. */
export type SealSdk = Pick<typeof import('@mysten/seal'), 'SealClient' | 'EncryptedObject'> &
  Pick<typeof import('@mysten/sui/transactions'), 'Transaction'> &
  Pick<typeof import('@mysten/sui/verify'), 'verifyPersonalMessageSignature'>

/**
 * Fetches the Mysten SDKs. They are optional peers and weigh about 90 kB, so
 * nothing loads them before the first operation that needs them.
 *
 * @throws {LocketError} `usage/missing-peer`
 */
export async function loadSealSdk(): Promise<SealSdk> {
  const [{ SealClient, EncryptedObject }, { Transaction }, { verifyPersonalMessageSignature }] = await Promise.all([
    peer('@mysten/seal', () => import('@mysten/seal')),
    peer('@mysten/sui', () => import('@mysten/sui/transactions')),
    peer('@mysten/sui', () => import('@mysten/sui/verify')),
  ])
  return { SealClient, EncryptedObject, Transaction, verifyPersonalMessageSignature }
}

async function peer<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (cause) {
    throw new LocketError('usage/missing-peer', {
      operation: 'seal.loadSealSdk',
      message: `${name} could not be loaded`,
      details: { package: name },
      cause,
    })
  }
}
