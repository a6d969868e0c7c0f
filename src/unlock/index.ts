export { MAX_UNLOCKS, type UnlockKind } from './header.ts'
export type { UnlockContext, UnlockMethod } from './method.ts'
export { passkeyUnlock, type PasskeyUnlockOptions } from './passkey.ts'
export { passphraseUnlock, type Argon2Cost, type PassphraseUnlockOptions } from './passphrase.ts'
export { walletUnlock, walletUnlockMessage, type WalletUnlockOptions } from './wallet.ts'
export {
  addUnlock,
  createVaultKey,
  hasVault,
  listUnlocks,
  openVaultKey,
  removeUnlock,
  VAULT_HEADER_KEY,
  type UnlockSummary,
  type VaultKeyOptions,
} from './vault-key.ts'
