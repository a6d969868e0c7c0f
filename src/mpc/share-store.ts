import type { AbortOptions } from '../core/abort.ts'
import { equalBytes, toHex, type Bytes } from '../core/bytes.ts'
import { randomBytes, systemEntropy, type Entropy } from '../core/capabilities.ts'
import type { ErrorCode } from '../core/error-codes.ts'
import { LocketError, type ErrorDetails } from '../core/errors.ts'
import { createMutex } from '../core/mutex.ts'
import { createAead, type Aead } from '../crypto/aead.ts'
import { createMemoryStore } from '../store/memory.ts'
import type { BlobStore, StoreOp } from '../store/port.ts'
import type { UnlockMethod } from '../unlock/method.ts'
import { createVaultKey, hasVault, openVaultKey } from '../unlock/vault-key.ts'
import { createAnchor } from './anchor.ts'
import { badArgument } from './checks.ts'
import {
  decodeKeyRecord,
  encodeKeyRecord,
  isCommitted,
  publicPart,
  type Acknowledgement,
  type EpochRecord,
  type KeyRecord,
  type PresignatureEntry,
} from './key-record.ts'
import { createRecordVault, RECORD_PREFIX } from './record-vault.ts'
import type { Member, Suite, ThresholdKey } from './types.ts'

export type OpenShareStoreOptions = AbortOptions & {
  /** Where the shares lie: a dual store of its own, not the one of a locket. Its batches must be atomic. Owned: closed with the share store. */
  readonly store: BlobStore
  /** What opens it. The first one given makes the vault. */
  readonly unlock: UnlockMethod
  /**
   * A small second store that whoever restores an old copy of the first does not
   * restore with it: another disk, another profile, a server. It makes a rolled-back
   * share known at once and lets presignatures outlive the process. Default: memory, which
   * does the latter for nobody. Closed with the share store.
   */
  readonly anchor?: BlobStore | undefined
  readonly aead?: Aead | undefined
  readonly entropy?: Entropy | undefined
}

/** What an epoch that is being prepared consists of. */
export type PreparedEpoch = Omit<EpochRecord, 'acknowledgements'> & { readonly keyId: string; readonly suite: Suite }

/**
 * The shares of one device. Every change is one atomic batch: after a crash at
 * any point each key is at exactly one epoch, with perhaps one more prepared.
 *
 * Every method fails with `mpc/unknown-key` for a key that is not here, with
 * `store/*` as the store reports, with `store/corrupt` for a record that does
 * not open, and with `usage/closed` after `close`.
 */
export type ShareStore = {
  /** Keys with a committed epoch, in no order. */
  keys(): readonly ThresholdKey[]
  record(keyId: string): KeyRecord
  /** Every record, those of keys that are only prepared included. */
  records(): readonly KeyRecord[]
  /**
   * The secret share of the committed epoch. The caller overwrites it.
   *
   * Fails with `mpc/rolled-back` if the anchor knows a newer state.
   */
  share(keyId: string, options?: AbortOptions): Promise<Bytes>
  /** Writes the next epoch beside the present one. One that was prepared before is replaced. */
  prepare(epoch: PreparedEpoch, secretShare: Uint8Array, options?: AbortOptions): Promise<void>
  /** Notes that this device's word for the prepared epoch is about to leave. From here on it cannot be dropped alone. */
  acknowledge(keyId: string, options?: AbortOptions): Promise<void>
  /** Makes the prepared epoch the only one. The old share and every presignature are erased. */
  commit(keyId: string, acknowledgements: readonly Acknowledgement[], options?: AbortOptions): Promise<void>
  /** Drops the prepared epoch. */
  discard(keyId: string, options?: AbortOptions): Promise<void>
  /** Erases a key: shares, presignatures, bans and all. */
  forget(keyId: string, options?: AbortOptions): Promise<void>
  /** Notes, durably, that a party must never be let near this key's correlations again. */
  ban(keyId: string, member: Pick<Member, 'index' | 'card'>, options?: AbortOptions): Promise<void>
  /** Writes down that a ceremony begins, and what the others showed. Returns the record as it is then. */
  advance(keyId: string, seen?: KeyRecord['seen'], options?: AbortOptions): Promise<KeyRecord>
  keepPresignature(keyId: string, entry: PresignatureEntry, secret: Uint8Array, options?: AbortOptions): Promise<void>
  /**
   * A presignature, which is gone from the store when the promise resolves: durably
   * so, before the caller can do anything with it. The caller overwrites it.
   *
   * Fails with `mpc/presignature-used`.
   */
  takePresignature(keyId: string, id: string, options?: AbortOptions): Promise<Bytes>
  /** A share that comes from a backup. Fails as `importShareBackup` says. */
  restore(record: KeyRecord & { readonly current: EpochRecord }, secretShare: Uint8Array, options?: AbortOptions): Promise<void>
  /** 16 random bytes in hexadecimal, new for each opening. */
  readonly opening: string
  /** The revision a key's record had when this opening first had it. */
  base(keyId: string): bigint
  readonly aead: Aead
  readonly entropy: Entropy
  close(): Promise<void>
}

/**
 * Opens the shares that lie in `store`. Epochs that were prepared but never
 * acknowledged are dropped, and so are presignatures of an earlier process
 * that the anchor does not vouch for.
 *
 * Keep exactly one open per store: the journal's lock of a dual store sees to that.
 *
 * @throws {LocketError} `unlock/*`; `store/corrupt` if a record does not open: bans must not be lost, so it is not set
 *   aside; `usage/invalid-argument` for a store without atomic batches; otherwise what the store fails with.
 */
export async function openShareStore(options: OpenShareStoreOptions): Promise<ShareStore> {
  const { store, unlock, aead = createAead(), entropy = systemEntropy(), signal } = options
  if (!store.features.atomicBatch) throw badArgument('mpc.openShareStore', 'store', 'the store must have atomic batches')
  const keyOptions = { store, method: unlock, aead, entropy, signal }
  const secretVaultKey = (await hasVault(keyOptions)) ? await openVaultKey(keyOptions) : await createVaultKey(keyOptions)
  const vault = createRecordVault({ secretVaultKey, aead, entropy })
  secretVaultKey.fill(0)
  const anchor = createAnchor({ store: options.anchor ?? createMemoryStore(), vault })
  const writing = createMutex()
  const records = new Map<string, KeyRecord>()
  const rolledBack = new Set<string>()
  const bases = new Map<string, bigint>()
  const opening = newName(entropy)
  let isClosed = false

  const find = (keyId: string): KeyRecord => {
    if (isClosed) throw new LocketError('usage/closed', { operation: OPERATION })
    const record = records.get(keyId)
    if (record === undefined) throw failure('mpc/unknown-key', { keyId })
    return record
  }

  const contextOf = (keyId: string, suite: Suite, { epoch, self }: Pick<EpochRecord, 'epoch' | 'self'>) => ({
    keyId,
    suite,
    epoch,
    party: self,
  })
  const eraseShares = (keyId: string, ...epochs: readonly (EpochRecord | undefined)[]): readonly StoreOp[] =>
    epochs.flatMap((epoch) => (epoch === undefined ? [] : [erase(vault.shareKey(keyId, epoch.epoch))]))
  const erasePresignatures = (keyId: string, entries: readonly PresignatureEntry[]): readonly StoreOp[] =>
    entries.map(({ id }) => erase(vault.presignatureKey(keyId, id)))

  /** The one way a record changes: it and what belongs to it in one batch, then the anchor. */
  const write = async (record: KeyRecord, ops: readonly StoreOp[], writeOptions?: AbortOptions): Promise<KeyRecord> => {
    const next = { ...record, revision: record.revision + 1n }
    const key = vault.recordKey(next.id)
    await store.batch([...ops, put(key, await vault.seal(key, encodeKeyRecord(next)))], writeOptions)
    records.set(next.id, next)
    if (!bases.has(next.id)) bases.set(next.id, record.revision)
    await anchor.advance(next)
    return next
  }

  /** @param change - What is new of the record, and what else the batch does. */
  const update = (
    keyId: string,
    updateOptions: AbortOptions | undefined,
    change: (record: KeyRecord) => readonly [changes: Partial<KeyRecord>, ...ops: readonly StoreOp[]],
  ): Promise<KeyRecord> =>
    writing.run(() => {
      const record = find(keyId)
      const [changes, ...ops] = change(record)
      return write({ ...record, ...changes }, ops, updateOptions)
    }, updateOptions)

  const read = async (key: string): Promise<KeyRecord> => {
    const sealed = await store.get(key, { signal })
    const bytes = await vault.open(key, sealed ?? new Uint8Array())
    try {
      return decodeKeyRecord(bytes)
    } catch (cause) {
      throw new LocketError('store/corrupt', { operation: 'mpc.openShareStore', details: { key }, cause })
    }
  }

  const load = async (key: string) => {
    const record = await read(key)
    const { id, current } = record
    records.set(id, record)
    bases.set(id, record.revision)
    const anchored = await anchor.read(id)
    if (anchored !== undefined && (anchored.revision > record.revision || anchored.epoch > (current?.epoch ?? 0))) {
      rolledBack.add(id)
      return
    }
    const stale: PresignatureEntry[] = []
    for (const entry of record.presignatures) if (!(await anchor.vouches(id, entry.id))) stale.push(entry)
    const presignatures = record.presignatures.filter((entry) => !stale.includes(entry))
    const isUndecided = record.next?.isAcknowledged === false
    const next = isUndecided ? undefined : record.next
    const ops = [...erasePresignatures(id, stale), ...eraseShares(id, isUndecided ? record.next : undefined)]
    if (current === undefined && next === undefined) {
      await store.batch([...ops, erase(key)], { signal })
      records.delete(id)
    } else if (ops.length > 0) await write({ ...record, next, presignatures }, ops, { signal })
    else await anchor.advance(record)
  }

  const forget: ShareStore['forget'] = (keyId, forgetOptions) =>
    writing.run(async () => {
      const record = find(keyId)
      const { current, next, presignatures } = record
      const ops = [...erasePresignatures(keyId, presignatures), ...eraseShares(keyId, current, next), erase(vault.recordKey(keyId))]
      await store.batch(ops, forgetOptions)
      records.delete(keyId)
      // The anchor remembers: an old copy of the store that still has the key is a rolled-back one.
      await anchor.advance({ ...record, revision: record.revision + 1n })
      await anchor.dropPresignatures(keyId)
    }, forgetOptions)

  try {
    for await (const key of store.list(RECORD_PREFIX, { signal })) await load(key)
  } catch (error) {
    vault.close()
    throw error
  }

  return Object.freeze<ShareStore>({
    aead,
    entropy,
    opening,
    base: (keyId) => bases.get(keyId) ?? find(keyId).revision,
    records: () => [...records.values()],
    keys: () => [...records.values()].filter(isCommitted).map(publicPart),
    record: find,
    async share(keyId, readOptions) {
      const { suite, current } = find(keyId)
      if (rolledBack.has(keyId)) throw failure('mpc/rolled-back', { keyId })
      if (current === undefined) throw failure('mpc/unsettled', { keyId })
      const sealed = await store.get(vault.shareKey(keyId, current.epoch), readOptions)
      return vault.openShare(contextOf(keyId, suite, current), sealed ?? new Uint8Array())
    },
    async prepare({ keyId, suite, ...epoch }, secretShare, prepareOptions) {
      const value = await vault.sealShare(contextOf(keyId, suite, epoch), secretShare)
      await writing.run(async () => {
        const record = records.get(keyId) ?? {
          id: keyId,
          suite,
          incarnation: newName(entropy),
          revision: 0n,
          current: undefined,
          next: undefined,
          bans: [],
          presignatures: [],
          seen: new Map(),
        }
        const replaced = record.next?.epoch === epoch.epoch ? undefined : record.next
        const ops = [put(vault.shareKey(keyId, epoch.epoch), value), ...eraseShares(keyId, replaced)]
        await write({ ...record, next: { ...epoch, acknowledgements: [], isAcknowledged: false } }, ops, prepareOptions)
      }, prepareOptions)
    },
    async acknowledge(keyId, ackOptions) {
      await update(keyId, ackOptions, (record) => [{ next: { ...prepared(record), isAcknowledged: true } }])
    },
    async commit(keyId, acknowledgements, commitOptions) {
      await update(keyId, commitOptions, (record) => {
        const { isAcknowledged: _, ...epoch } = prepared(record)
        return [
          { current: { ...epoch, acknowledgements }, next: undefined, presignatures: [], seen: new Map() },
          ...erasePresignatures(keyId, record.presignatures),
          ...eraseShares(keyId, record.current),
        ]
      })
      rolledBack.delete(keyId)
      await anchor.dropPresignatures(keyId)
    },
    async discard(keyId, discardOptions) {
      if (find(keyId).current === undefined) return forget(keyId, discardOptions)
      await update(keyId, discardOptions, ({ next }) => [{ next: undefined }, ...eraseShares(keyId, next)])
    },
    forget,
    async ban(keyId, { index: party, card }, banOptions) {
      await update(keyId, banOptions, ({ bans, current, presignatures }) => {
        if (bans.some((ban) => equalBytes(ban.card, card))) return [{}]
        // What was made together with that party is not used either.
        const lost = presignatures.filter(({ parties }) => parties.includes(party))
        return [
          {
            bans: [...bans, { party, epoch: current?.epoch ?? 0, card }],
            presignatures: presignatures.filter((entry) => !lost.includes(entry)),
          },
          ...erasePresignatures(keyId, lost),
        ]
      })
    },
    advance: (keyId, seen, advanceOptions) => update(keyId, advanceOptions, (record) => [{ seen: newest(record.seen, seen) }]),
    async keepPresignature(keyId, entry, secret, keepOptions) {
      const key = vault.presignatureKey(keyId, entry.id)
      const value = await anchor.sealPresignature({ keyId, id: entry.id, secret, aead, entropy })
      await update(keyId, keepOptions, ({ presignatures }) => [{ presignatures: [...presignatures, entry] }, put(key, value)])
    },
    async takePresignature(keyId, id, takeOptions) {
      const used = () => failure('mpc/presignature-used', { keyId, presignatureId: id })
      const key = vault.presignatureKey(keyId, id)
      let sealed: Bytes | undefined
      await writing.run(async () => {
        const record = find(keyId)
        const presignatures = record.presignatures.filter((entry) => entry.id !== id)
        if (rolledBack.has(keyId) || presignatures.length === record.presignatures.length) throw used()
        sealed = await store.get(key, takeOptions)
        await write({ ...record, presignatures }, [erase(key)], takeOptions)
      }, takeOptions)
      const secret = sealed && (await anchor.openPresignature({ keyId, id, sealed, aead }))
      if (secret === undefined) throw used()
      return secret
    },
    async restore(record, secretShare, restoreOptions) {
      const { id: keyId, suite, current } = record
      const value = await vault.sealShare(contextOf(keyId, suite, current), secretShare)
      await writing.run(async () => {
        const here = records.get(keyId)
        const anchored = await anchor.read(keyId)
        const present = here?.current
        const newestEpoch = Math.max(present?.epoch ?? 0, here?.next?.epoch ?? 0, anchored?.epoch ?? 0)
        if (newestEpoch > current.epoch) throw failure('mpc/rolled-back', { keyId, epoch: current.epoch, newest: newestEpoch })
        const isOther = present?.epoch === current.epoch && !equalBytes(present.digest, current.digest)
        if (isOther || (present !== undefined && present.self !== current.self)) throw failure('mpc/wrong-key', { keyId })
        const restored = {
          ...record,
          incarnation: newName(entropy),
          revision: [record.revision, here?.revision ?? 0n, anchored?.revision ?? 0n].reduce((a, b) => (a > b ? a : b)),
          next: undefined,
          bans: [...record.bans, ...(here?.bans ?? []), ...(anchored?.bans ?? [])],
          presignatures: [],
          seen: new Map(),
        }
        const ops = [...erasePresignatures(keyId, here?.presignatures ?? []), put(vault.shareKey(keyId, current.epoch), value)]
        await write(restored, ops, restoreOptions)
        rolledBack.delete(keyId)
      }, restoreOptions)
    },
    async close() {
      if (isClosed) return
      isClosed = true
      await writing.run(async () => undefined)
      vault.close()
      records.clear()
      await Promise.all([store.close(), anchor.close()])
    },
  })
}

const OPERATION = 'mpc.shareStore'

function prepared(record: KeyRecord): NonNullable<KeyRecord['next']> {
  if (record.next !== undefined) return record.next
  throw new LocketError('usage/wrong-state', { operation: OPERATION, message: 'no epoch is prepared', details: { keyId: record.id } })
}

/** Of each party what came last; within one opening, ceremonies overtake each other. */
function newest(before: KeyRecord['seen'], news: KeyRecord['seen'] = new Map()): KeyRecord['seen'] {
  const all = new Map(before)
  for (const [party, at] of news) {
    const known = all.get(party)
    const isOlder = known !== undefined && known.opening === at.opening && known.revision > at.revision
    if (!isOlder) all.set(party, { incarnation: at.incarnation, opening: at.opening, revision: at.revision })
  }
  return all
}

function failure(code: ErrorCode, details: ErrorDetails): LocketError {
  return new LocketError(code, { operation: OPERATION, details })
}

/** 16 random bytes in hexadecimal. */
function newName(entropy: Entropy): string {
  return toHex(randomBytes(entropy, 16))
}

function put(key: string, value: Uint8Array): StoreOp {
  return { type: 'put', key, value }
}

function erase(key: string): StoreOp {
  return { type: 'delete', key }
}
