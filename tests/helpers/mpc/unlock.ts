import { passphraseUnlock } from '../../../src/unlock/passphrase.ts'
import type { UnlockMethod } from '../../../src/unlock/method.ts'

/** The cheapest passphrase there is: these tests are not about guessing. */
export const cheapUnlock = (secretPassphrase = 'open sesame'): UnlockMethod =>
  passphraseUnlock({ secretPassphrase, cost: { memoryKib: 8, iterations: 1, lanes: 1 }, acceptRisk: 'cheap-to-guess' })
