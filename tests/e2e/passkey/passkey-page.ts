/** A page that keeps a vault in IndexedDB behind a passkey. */
import { toHex } from '../../../src/core/bytes.ts'
import { openIdbStore } from '../../../src/store/idb.ts'
import { createVaultKey, openVaultKey, passkeyUnlock } from '../../../src/unlock/index.ts'

/** What the test calls. Keys come back as hexadecimal, failures as their code. */
export type PasskeyPage = {
  create(vault: string): Promise<string>
  open(vault: string): Promise<string>
}

async function attempt(vault: string, task: typeof createVaultKey): Promise<string> {
  const store = await openIdbStore({ name: vault })
  const method = passkeyUnlock({ relyingPartyId: 'localhost', userName: vault })
  try {
    return toHex(await task({ store, method }))
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  } finally {
    await store.close()
  }
}

const passkeys: PasskeyPage = {
  create: (vault) => attempt(vault, createVaultKey),
  open: (vault) => attempt(vault, openVaultKey),
}
Object.assign(globalThis, { passkeys })
