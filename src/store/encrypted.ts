import type { AbortOptions } from '../core/abort.ts'
import { concatBytes, copyBytes, equalBytes, utf8, type Bytes } from '../core/bytes.ts'
import { systemEntropy, type Entropy } from '../core/capabilities.ts'
import { isLocketError, LocketError } from '../core/errors.ts'
import type { Aead } from '../crypto/aead.ts'
import { assertKey, assertOps, assertUsable } from './checks.ts'
import { collectKeys, iterateKeys } from './keys.ts'
import type { BlobStore, StoreOp } from './port.ts'

/** Where damaged records are set aside, under their own key. */
const QUARANTINE_PREFIX = 'quarantine/'

/** Records that lie beside the sealed ones because they are needed to unlock them. Hidden and refused here. */
const PLAIN_PREFIX = 'vault/'

/**
 * Values that come sealed already, by the caller and under keys of their own:
 * they are kept and given back as they are, and whoever reads them authenticates.
 * They must stay as they are until the write settles: many are written at once, and none is copied.
 */
export const SEALED_PREFIX = 'sealed/'

/** How many other records are tried to tell a damaged record from a wrong key. */
const MAX_KEY_PROBES = 64

/** A store of authenticated ciphertext. */
export type EncryptedStore = BlobStore & {
  /** Keys of records that were damaged beyond repair and set aside. */
  quarantined(options?: AbortOptions): Promise<readonly string[]>
}

export type EncryptedStoreOptions = {
  readonly inner: BlobStore
  /** 32 bytes. Copied; {@link BlobStore.close} overwrites the copy. */
  readonly key: Uint8Array
  readonly aead: Aead
  readonly entropy?: Entropy | undefined
  /** A second copy to try before a damaged record is set aside: the dual store's `repair`. */
  readonly repair?:
    | ((key: string, verify: (value: Bytes) => Promise<boolean>) => Promise<'sound' | 'repaired' | 'unrepairable'>)
    | undefined
}

/**
 * Seals every value under `key`, bound to its record's key, on the way into
 * `inner`. Adds 74 bytes per value. Record keys and value lengths stay visible:
 * callers keep keys opaque and pad.
 *
 * A value that does not open is repaired from the other copy if there is one;
 * otherwise it is moved under {@link QUARANTINE_PREFIX} and the read rejects with
 * `store/corrupt`. The record is then missing, and the others stay usable. As
 * long as no record at all opens under `key`, nothing is moved: the key is wrong.
 *
 * The vault header may lie in the same `inner` store: keys beginning with
 * {@link PLAIN_PREFIX} are left alone. So are values under {@link SEALED_PREFIX}.
 *
 * Not promised: that the newest version is what comes back. Whoever can write to
 * the disk can put an older sealed value of the same key in its place.
 *
 * Owns `inner`: `close` closes it.
 */
export function createEncryptedStore(options: EncryptedStoreOptions): EncryptedStore {
  const { inner, aead, repair, entropy = systemEntropy() } = options
  const key = copyBytes(options.key)
  let isClosed = false
  let isKeyProven = false
  // Sealing takes unequal times; writes still reach the inner store in the order they were made.
  let issued: Promise<unknown> = Promise.resolve()

  const seal = async (op: StoreOp): Promise<StoreOp> => {
    if (op.type === 'delete') return op
    if (op.key.startsWith(SEALED_PREFIX)) return op
    return { ...op, value: await aead.seal({ key, plaintext: op.value, associatedData: contextOf(op.key), entropy }) }
  }

  const open = (recordKey: string, sealed: Uint8Array) => aead.open({ key, sealed, associatedData: contextOf(recordKey) })

  const proveKey = async (): Promise<boolean> => {
    const keys = (await collectKeys(inner.list(''))).filter((recordKey) => !isReserved(recordKey) && !recordKey.startsWith(SEALED_PREFIX))
    for (const recordKey of keys.slice(0, MAX_KEY_PROBES)) {
      if (isKeyProven) break
      const sealed = await inner.get(recordKey).catch(() => undefined)
      isKeyProven = sealed !== undefined && (await opens(recordKey, sealed))
    }
    return isKeyProven
  }

  const opens = async (recordKey: string, sealed: Uint8Array): Promise<boolean> => {
    try {
      await open(recordKey, sealed)
      return true
    } catch {
      return false
    }
  }

  const write = async (ops: readonly StoreOp[], operation: string, writeOptions?: AbortOptions) => {
    assertUsable(isClosed, operation, writeOptions)
    assertOps(ops, operation)
    for (const op of ops) assertNotReserved(op.key, operation)
    const sealed = Promise.all(ops.map(seal))
    // Awaited in its turn, which may come after it failed.
    sealed.catch(() => {})
    const turn = issued.then(async () => {
      const batch = await sealed
      // In an object, so that the next write waits for this one to be issued, not to be done.
      return { done: inner.batch(batch, writeOptions) }
    })
    issued = turn.catch(() => {})
    await (await turn).done
  }

  /** Runs alone among writes: a fresh value written meanwhile must not be set aside. */
  const setAside = async (recordKey: string, damaged: Bytes): Promise<void> => {
    const move = async () => {
      const present = await inner.get(recordKey)
      if (present === undefined || !equalBytes(present, damaged)) return
      if (!isKeyProven && !(await proveKey())) return
      assertUsable(isClosed, 'store.get')
      await inner.batch([
        { type: 'put', key: QUARANTINE_PREFIX + recordKey, value: damaged },
        { type: 'delete', key: recordKey },
      ])
    }
    const turn = issued.then(move)
    issued = turn.catch(() => {})
    await turn
  }

  const readRaw = async (recordKey: string, readOptions?: AbortOptions): Promise<Bytes | undefined> => {
    try {
      return await inner.get(recordKey, readOptions)
    } catch (error) {
      if (!isLocketError(error, 'store/corrupt') || (await mend(recordKey)) === 'unrepairable') throw error
      return inner.get(recordKey, readOptions)
    }
  }

  const mend = async (recordKey: string) => repair?.(recordKey, (value) => opens(recordKey, value)) ?? 'unrepairable'

  return Object.freeze({
    features: inner.features,
    async get(recordKey: string, getOptions?: AbortOptions) {
      assertUsable(isClosed, 'store.get', getOptions)
      assertKey(recordKey, 'store.get')
      assertNotReserved(recordKey, 'store.get')
      await issued
      if (recordKey.startsWith(SEALED_PREFIX)) return inner.get(recordKey, getOptions)
      const sealed = await readRaw(recordKey, getOptions)
      if (sealed === undefined) return undefined
      try {
        const value = await open(recordKey, sealed)
        isKeyProven = true
        return value
      } catch (error) {
        if (!isLocketError(error, 'crypto/open-failed')) throw error
      }
      // `close` has overwritten the key meanwhile: it is not the record that is at fault.
      assertUsable(isClosed, 'store.get', getOptions)
      const outcome = await mend(recordKey)
      const mended = outcome === 'unrepairable' ? undefined : await inner.get(recordKey, getOptions)
      if (mended !== undefined && !equalBytes(mended, sealed)) return open(recordKey, mended)
      await setAside(recordKey, sealed)
      throw new LocketError('store/corrupt', { operation: 'store.get', details: { key: recordKey } })
    },
    put: (recordKey: string, value: Uint8Array, putOptions?: AbortOptions) =>
      write([{ type: 'put', key: recordKey, value }], 'store.put', putOptions),
    delete: (recordKey: string, deleteOptions?: AbortOptions) => write([{ type: 'delete', key: recordKey }], 'store.delete', deleteOptions),
    batch: (ops: readonly StoreOp[], batchOptions?: AbortOptions) => write(ops, 'store.batch', batchOptions),
    list(prefix: string, listOptions?: AbortOptions) {
      const read = async () => {
        assertUsable(isClosed, 'store.list', listOptions)
        await issued
        const keys = await collectKeys(inner.list(prefix, listOptions))
        return keys.filter((recordKey) => !isReserved(recordKey))
      }
      return iterateKeys(read())
    },
    async quarantined(listOptions?: AbortOptions) {
      assertUsable(isClosed, 'store.quarantined', listOptions)
      const keys = await collectKeys(inner.list(QUARANTINE_PREFIX, listOptions))
      return keys.map((quarantined) => quarantined.slice(QUARANTINE_PREFIX.length))
    },
    async close() {
      if (isClosed) return
      isClosed = true
      await issued
      await inner.close()
      key.fill(0)
    },
  })
}

/** The record's key, under a label of its own so that no other use of the same secret can supply the value. */
function contextOf(recordKey: string): Bytes {
  return concatBytes(utf8('locket/store/v1\0'), utf8(recordKey))
}

function isReserved(key: string): boolean {
  return key.startsWith(QUARANTINE_PREFIX) || key.startsWith(PLAIN_PREFIX)
}

function assertNotReserved(key: string, operation: string): void {
  if (!isReserved(key)) return
  throw new LocketError('usage/invalid-argument', {
    operation,
    message: `keys beginning with ${QUARANTINE_PREFIX} or ${PLAIN_PREFIX} are not sealed records`,
    details: { parameter: 'key' },
  })
}
