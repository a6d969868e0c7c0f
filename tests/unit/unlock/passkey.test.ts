import { describe, expect, it } from 'vitest'
import { utf8, type Bytes } from '../../../src/core/bytes.ts'
import { deriveKey } from '../../../src/crypto/index.ts'
import { createMemoryStore } from '../../../src/store/memory.ts'
import { createVaultKey, openVaultKey, passkeyUnlock } from '../../../src/unlock/index.ts'

type Behaviour = { readonly hasPrf?: boolean; readonly evaluatesAtCreate?: boolean; readonly refuses?: boolean }

const prf = (salt: BufferSource) => deriveKey({ secret: utf8('device'), salt: salt as Bytes, info: utf8('fake'), lengthBytes: 32 }).buffer
const credential = (results: object) => ({ rawId: Uint8Array.of(1, 2, 3).buffer, getClientExtensionResults: () => ({ prf: results }) })

/** A fake authenticator: no WebAuthn, only its PRF arithmetic. The real thing is tested in tests/e2e/passkey.e2e.test.ts. */
function fakeCredentials({ hasPrf = true, evaluatesAtCreate = true, refuses = false }: Behaviour = {}) {
  const calls: string[] = []
  const check = () => {
    if (refuses) throw new DOMException('cancelled', 'NotAllowedError')
  }
  return {
    calls,
    async create({ publicKey }: CredentialCreationOptions) {
      calls.push('create')
      check()
      const salt = publicKey?.extensions?.prf?.eval?.first as BufferSource
      return credential(
        hasPrf ? { enabled: true, ...(evaluatesAtCreate ? { results: { first: prf(salt) } } : {}) } : {},
      ) as unknown as Credential
    },
    async get({ publicKey }: CredentialRequestOptions) {
      calls.push('get')
      check()
      expect(publicKey?.userVerification).toBe('required')
      const salt = publicKey?.extensions?.prf?.eval?.first as BufferSource
      return credential(hasPrf ? { results: { first: prf(salt) } } : {}) as unknown as Credential
    },
  }
}

const unlockWith = (credentials: ReturnType<typeof fakeCredentials>) =>
  passkeyUnlock({ credentials, relyingPartyId: 'localhost', userName: 'me' })

describe('passkeyUnlock', () => {
  it('opens again what it created', async () => {
    const store = createMemoryStore()
    const credentials = fakeCredentials()
    const created = await createVaultKey({ store, method: unlockWith(credentials) })
    expect(await openVaultKey({ store, method: unlockWith(credentials) })).toEqual(created)
    expect(credentials.calls).toEqual(['create', 'get'])
  })

  it('asks once more where the authenticator does not evaluate on creation', async () => {
    const credentials = fakeCredentials({ evaluatesAtCreate: false })
    await createVaultKey({ store: createMemoryStore(), method: unlockWith(credentials) })
    expect(credentials.calls).toEqual(['create', 'get'])
  })

  it('refuses an authenticator without PRF', async () => {
    const creating = createVaultKey({ store: createMemoryStore(), method: unlockWith(fakeCredentials({ hasPrf: false })) })
    await expect(creating).rejects.toMatchObject({ code: 'unlock/unavailable' })
  })

  it('says that the person declined', async () => {
    const creating = createVaultKey({ store: createMemoryStore(), method: unlockWith(fakeCredentials({ refuses: true })) })
    await expect(creating).rejects.toMatchObject({ code: 'unlock/refused' })
  })

  it('rejects with the abort reason without prompting', async () => {
    const credentials = fakeCredentials()
    const reason = new Error('later')
    const creating = createVaultKey({ store: createMemoryStore(), method: unlockWith(credentials), signal: AbortSignal.abort(reason) })
    await expect(creating).rejects.toBe(reason)
    expect(credentials.calls).toEqual([])
  })
})
