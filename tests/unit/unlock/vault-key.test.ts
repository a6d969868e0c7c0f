import { describe, expect, it } from 'vitest'
import { toHex, utf8, type Bytes } from '../../../src/core/bytes.ts'
import { randomBytes, systemEntropy } from '../../../src/core/capabilities.ts'
import { deriveKey } from '../../../src/crypto/index.ts'
import { collectKeys } from '../../../src/store/keys.ts'
import { createMemoryStore } from '../../../src/store/memory.ts'
import { decodeHeader, encodeHeader, MAX_UNLOCKS, type UnlockEntry } from '../../../src/unlock/header.ts'
import {
  addUnlock,
  createVaultKey,
  hasVault,
  listUnlocks,
  openVaultKey,
  passphraseUnlock,
  removeUnlock,
  VAULT_HEADER_KEY,
  walletUnlock,
} from '../../../src/unlock/index.ts'

const cheap = { cost: { memoryKib: 8, iterations: 1, lanes: 1 }, acceptRisk: 'cheap-to-guess' as const }
const passphrase = (secretPassphrase: string) => passphraseUnlock({ secretPassphrase, ...cheap })

/** A deterministic stand-in for a wallet: signs with a PRF of its secret. */
function wallet(secret: string, network = 'testnet', origin = 'https://app.example') {
  const signMessage = async (message: Bytes) =>
    deriveKey({ secret: utf8(secret), salt: message, info: utf8('test wallet'), lengthBytes: 64 })
  return walletUnlock({ signMessage, origin, network })
}

async function signNothing(): Promise<Uint8Array> {
  return new Uint8Array(64)
}

describe('createVaultKey', () => {
  it('makes a random key that the same secret opens again', async () => {
    const store = createMemoryStore()
    expect(await hasVault({ store })).toBe(false)
    const created = await createVaultKey({ store, method: passphrase('correct horse') })
    expect(created.length).toBe(32)
    expect(await hasVault({ store })).toBe(true)
    expect(await openVaultKey({ store, method: passphrase('correct horse') })).toEqual(created)
    const other = await createVaultKey({ store: createMemoryStore(), method: passphrase('correct horse') })
    expect(other).not.toEqual(created)
  })

  it('stores nothing that holds the key', async () => {
    const store = createMemoryStore()
    const created = await createVaultKey({ store, method: wallet('w') })
    for (const key of await collectKeys(store.list(''))) {
      expect(toHex((await store.get(key)) as Uint8Array)).not.toContain(toHex(created))
    }
  })

  it('refuses a store that has a vault', async () => {
    const store = createMemoryStore()
    await createVaultKey({ store, method: wallet('w') })
    await expect(createVaultKey({ store, method: wallet('w') })).rejects.toMatchObject({ code: 'usage/wrong-state' })
  })
})

describe('openVaultKey', () => {
  it('refuses a wrong secret, another kind of secret, and a store without a vault', async () => {
    const store = createMemoryStore()
    await expect(openVaultKey({ store, method: wallet('w') })).rejects.toMatchObject({ code: 'usage/wrong-state' })
    await createVaultKey({ store, method: passphrase('right') })
    await expect(openVaultKey({ store, method: passphrase('wrong') })).rejects.toMatchObject({ code: 'unlock/failed' })
    await expect(openVaultKey({ store, method: wallet('w') })).rejects.toMatchObject({ code: 'unlock/failed' })
  })

  it('refuses the same wallet at another origin or on another network', async () => {
    const store = createMemoryStore()
    await createVaultKey({ store, method: wallet('w') })
    await expect(openVaultKey({ store, method: wallet('w', 'mainnet') })).rejects.toMatchObject({ code: 'unlock/failed' })
    await expect(openVaultKey({ store, method: wallet('w', 'testnet', 'https://evil.example') })).rejects.toMatchObject({
      code: 'unlock/failed',
    })
  })

  it('refuses a header with any bit flipped', async () => {
    const store = createMemoryStore()
    const created = await createVaultKey({ store, method: wallet('w') })
    const header = (await store.get(VAULT_HEADER_KEY)) as Bytes
    for (let bit = 0; bit < header.length * 8; bit++) {
      const tampered = header.slice()
      tampered[bit >> 3] = (tampered[bit >> 3] as number) ^ (1 << (bit & 7))
      await store.put(VAULT_HEADER_KEY, tampered)
      const code = await openVaultKey({ store, method: wallet('w') }).then(
        (key) => (toHex(key) === toHex(created) ? 'opened' : 'opened with another key'),
        (error: { code: string }) => error.code,
      )
      expect(['unlock/failed', 'store/corrupt', 'codec/unknown-version'], `bit ${bit}`).toContain(code)
    }
  })

  it('reports a header that is cut or has bytes after its end as damaged', async () => {
    const store = createMemoryStore()
    await createVaultKey({ store, method: wallet('w') })
    const header = (await store.get(VAULT_HEADER_KEY)) as Bytes
    for (const bad of [new Uint8Array(), header.slice(0, -1), new Uint8Array([...header, 0])]) {
      await store.put(VAULT_HEADER_KEY, bad)
      await expect(openVaultKey({ store, method: wallet('w') })).rejects.toMatchObject({ code: 'store/corrupt' })
    }
  })

  it('does not derive with stored costs beyond the limits', async () => {
    const store = createMemoryStore()
    await createVaultKey({ store, method: passphrase('p') })
    const header = decodeHeader((await store.get(VAULT_HEADER_KEY)) as Bytes)
    const parameters = (header.entries[0] as UnlockEntry).parameters.slice()
    new DataView(parameters.buffer).setUint32(0, 0xffff_ffff, true)
    await store.put(VAULT_HEADER_KEY, encodeHeader({ ...header, entries: header.entries.map((entry) => ({ ...entry, parameters })) }))
    await expect(openVaultKey({ store, method: passphrase('p') })).rejects.toMatchObject({ code: 'unlock/failed' })
  })

  it('rejects with the abort reason', async () => {
    const store = createMemoryStore()
    await createVaultKey({ store, method: wallet('w') })
    const reason = new Error('later')
    await expect(openVaultKey({ store, method: wallet('w'), signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })
})

describe('addUnlock and removeUnlock', () => {
  it('let several methods open the same key, until removed', async () => {
    const store = createMemoryStore()
    const secretVaultKey = await createVaultKey({ store, method: wallet('w') })
    const added = await addUnlock({ store, method: passphrase('p'), secretVaultKey })
    expect(added.kind).toBe('passphrase')
    expect(await openVaultKey({ store, method: passphrase('p') })).toEqual(secretVaultKey)
    expect(await openVaultKey({ store, method: wallet('w') })).toEqual(secretVaultKey)
    expect((await listUnlocks({ store })).map(({ kind }) => kind)).toEqual(['wallet', 'passphrase'])
    await removeUnlock({ store, id: added.id })
    await expect(openVaultKey({ store, method: passphrase('p') })).rejects.toMatchObject({ code: 'unlock/failed' })
    expect(await openVaultKey({ store, method: wallet('w') })).toEqual(secretVaultKey)
  })

  it('tries every entry of the kind', async () => {
    const store = createMemoryStore()
    const secretVaultKey = await createVaultKey({ store, method: passphrase('one') })
    await addUnlock({ store, method: passphrase('two'), secretVaultKey })
    expect(await openVaultKey({ store, method: passphrase('two') })).toEqual(secretVaultKey)
  })

  it('refuse to remove the last method or an unknown one', async () => {
    const store = createMemoryStore()
    await createVaultKey({ store, method: wallet('w') })
    const [only] = await listUnlocks({ store })
    await expect(removeUnlock({ store, id: only?.id ?? '' })).rejects.toMatchObject({ code: 'usage/wrong-state' })
    await expect(removeUnlock({ store, id: 'AAAA' })).rejects.toMatchObject({ code: 'usage/invalid-argument' })
    await expect(removeUnlock({ store, id: '!' })).rejects.toMatchObject({ code: 'usage/invalid-argument' })
  })

  it('refuse more methods than the header may hold', async () => {
    const store = createMemoryStore()
    const secretVaultKey = await createVaultKey({ store, method: wallet('w') })
    for (let i = 1; i < MAX_UNLOCKS; i++) await addUnlock({ store, method: wallet(`w${i}`), secretVaultKey })
    await expect(addUnlock({ store, method: wallet('x'), secretVaultKey })).rejects.toMatchObject({ code: 'usage/wrong-state' })
  })
})

describe('walletUnlock', () => {
  it('refuses a wallet that signs differently each time', async () => {
    const method = walletUnlock({
      signMessage: async () => randomBytes(systemEntropy(), 64),
      origin: 'https://app.example',
      network: 'testnet',
    })
    await expect(createVaultKey({ store: createMemoryStore(), method })).rejects.toMatchObject({ code: 'unlock/unavailable' })
  })

  it('says that the person declined, and passes an abort on unwrapped', async () => {
    const declined = walletUnlock({ signMessage: () => Promise.reject(new Error('rejected')), origin: 'o', network: 'n' })
    await expect(createVaultKey({ store: createMemoryStore(), method: declined })).rejects.toMatchObject({ code: 'unlock/refused' })
    const abort = new DOMException('stop', 'AbortError')
    const aborted = walletUnlock({ signMessage: () => Promise.reject(abort), origin: 'o', network: 'n' })
    await expect(createVaultKey({ store: createMemoryStore(), method: aborted })).rejects.toBe(abort)
  })

  it('refuses an origin or network that could forge a line of the message', () => {
    for (const bad of ['', 'a\nb', 'a\rb']) {
      expect(() => walletUnlock({ signMessage: signNothing, origin: bad, network: 'n' })).toThrow(
        expect.objectContaining({ code: 'usage/invalid-argument' }),
      )
      expect(() => walletUnlock({ signMessage: signNothing, origin: 'o', network: bad })).toThrow(
        expect.objectContaining({ code: 'usage/invalid-argument' }),
      )
    }
  })
})

describe('passphraseUnlock', () => {
  it('refuses costs below 64 MiB unless the risk is named, and beyond the limits always', () => {
    const refused = expect.objectContaining({ code: 'usage/invalid-argument', details: { parameter: 'cost' } })
    expect(() => passphraseUnlock({ secretPassphrase: 'p', cost: { memoryKib: 65_535 } })).toThrow(refused)
    for (const cost of [
      { memoryKib: 1_048_577 },
      { iterations: 0 },
      { iterations: 17 },
      { lanes: 0 },
      { lanes: 5 },
      { memoryKib: 7 },
      { memoryKib: 8.5 },
    ]) {
      expect(() => passphraseUnlock({ secretPassphrase: 'p', cost, acceptRisk: 'cheap-to-guess' })).toThrow(refused)
    }
    expect(() => passphraseUnlock({ secretPassphrase: '' })).toThrow(
      expect.objectContaining({ details: { parameter: 'secretPassphrase' } }),
    )
  })

  it('takes the same passphrase in another Unicode form', async () => {
    const store = createMemoryStore()
    const created = await createVaultKey({ store, method: passphrase('caf\u00e9') })
    expect(await openVaultKey({ store, method: passphrase('cafe\u0301') })).toEqual(created)
  })

  it('does not show the passphrase', () => {
    const method = passphraseUnlock({ secretPassphrase: 'open sesame', ...cheap })
    expect(JSON.stringify(method)).not.toContain('sesame')
  })

  it('works at the default cost', async () => {
    const store = createMemoryStore()
    const created = await createVaultKey({ store, method: passphraseUnlock({ secretPassphrase: 'p' }) })
    expect(await openVaultKey({ store, method: passphrase('p') })).toEqual(created)
  })
})
