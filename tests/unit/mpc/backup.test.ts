import { describe, expect, it } from 'vitest'
import { exportShareBackup, importShareBackup } from '../../../src/mpc/backup.ts'
import { openShareStore, type ShareStore } from '../../../src/mpc/share-store.ts'
import { createSeededEntropy } from '../../../src/testkit/seeded-entropy.ts'
import { sha256 } from '@noble/hashes/sha2.js'
import { codeOf } from '../../helpers/code-of.ts'
import { createDisk } from '../../helpers/mpc/disk.ts'
import { epochOf, keyIdOf, shareOf } from '../../helpers/mpc/epochs.ts'
import { cheapUnlock } from '../../helpers/mpc/unlock.ts'

const cheap = { cost: { memoryKib: 8, iterations: 1, lanes: 1 }, acceptRisk: 'cheap-to-guess' } as const
const secretPassphrase = 'seven dwarfs'
const KEY = keyIdOf('wallet')

async function sharesAt(epoch: number, name = 'wallet', self = 1): Promise<ShareStore> {
  const shares = await openShareStore({
    store: createDisk().open(),
    unlock: cheapUnlock(),
    entropy: createSeededEntropy(`${name} ${epoch} ${self}`),
  })
  await shares.prepare(epochOf(name, epoch, self), shareOf(name, epoch))
  await shares.acknowledge(keyIdOf(name))
  await shares.commit(keyIdOf(name), [])
  return shares
}

const empty = () => openShareStore({ store: createDisk().open(), unlock: cheapUnlock() })
const backup = (shares: ShareStore, keyId = KEY) => exportShareBackup(shares, { keyId, secretPassphrase, ...cheap })

describe('a share backup', () => {
  it('brings a share and its bans back on an empty device, and hides both until then', async () => {
    const shares = await sharesAt(3)
    await shares.ban(KEY, { index: 2, card: new Uint8Array(32).fill(2) })
    const file = await backup(shares)
    expect(Buffer.from(file).toString('latin1')).not.toMatch(/SECRET|wallet|holder/)
    const found = await empty()
    expect(await importShareBackup(found, file, { secretPassphrase, keyId: KEY })).toMatchObject({ id: KEY, epoch: 3, self: 1 })
    expect(await found.share(KEY)).toEqual(shareOf('wallet', 3))
    expect(found.record(KEY).bans.length).toBe(1)
    expect(found.record(KEY).incarnation).not.toBe(shares.record(KEY).incarnation)
    // Once more is no harm.
    expect(await codeOf(importShareBackup(found, file, { secretPassphrase }))).toBe('no error')
  })

  it('has no presignature in it', async () => {
    const shares = await sharesAt(0)
    await shares.keepPresignature(KEY, { id: keyIdOf('p'), parties: [1, 2], path: 'm' }, new Uint8Array(64).fill(5))
    const found = await empty()
    await importShareBackup(found, await backup(shares), { secretPassphrase })
    expect(found.record(KEY).presignatures).toEqual([])
  })

  it('refuses another passphrase, another key, an older epoch and another holder, and leaves what is here', async () => {
    const file = await backup(await sharesAt(1))
    const here = await sharesAt(2)
    const outcome = (shares: ShareStore, bytes: Uint8Array, options = {}) =>
      codeOf(importShareBackup(shares, bytes, { secretPassphrase, ...options }))
    expect(await outcome(here, file, { secretPassphrase: 'six dwarfs' })).toBe('unlock/failed')
    expect(await outcome(here, file, { keyId: keyIdOf('other') })).toBe('mpc/wrong-key')
    expect(await outcome(here, file)).toBe('mpc/rolled-back')
    expect(await outcome(here, await backup(await sharesAt(2, 'wallet', 3)))).toBe('mpc/wrong-key')
    expect(await outcome(here, file, { secretPassphrase: '' })).toBe('usage/invalid-argument')
    expect(await here.share(KEY)).toEqual(shareOf('wallet', 2))
    expect(here.keys()).toMatchObject([{ epoch: 2, self: 1 }])
  })

  it('refuses a file that is cut at any byte, or has any byte altered', async () => {
    const file = await backup(await sharesAt(0))
    const here = await empty()
    for (let length = 0; length < file.length; length++) {
      expect(await codeOf(importShareBackup(here, file.subarray(0, length), { secretPassphrase })), `${length} bytes`).toBe(
        'mpc/backup-invalid',
      )
    }
    for (let at = 0; at < file.length; at++) {
      const altered = file.slice()
      altered[at] = (altered[at] as number) ^ (1 << (at % 8))
      expect(await codeOf(importShareBackup(here, altered, { secretPassphrase })), `byte ${at}`).toBe('mpc/backup-invalid')
    }
    expect(here.records()).toEqual([])
  })

  it('opens for nobody who alters it and corrects the digest', async () => {
    const file = await backup(await sharesAt(0))
    const here = await empty()
    const body = file.length - 32
    for (let at = 4; at < body; at += 7) {
      const altered = file.slice()
      altered[at] = (altered[at] as number) ^ (1 << (at % 8))
      altered.set(sha256(altered.subarray(0, body)), body)
      // Nothing is derived for parameters that ask for gigabytes.
      const code = await codeOf(importShareBackup(here, altered, { secretPassphrase }))
      expect(['unlock/failed', 'mpc/backup-invalid', 'codec/unknown-version'], `byte ${at}`).toContain(code)
    }
    expect(here.records()).toEqual([])
  })
})
