import { bcs } from '@mysten/bcs'
import { sha256 } from '@noble/hashes/sha2.js'
import type { AbortOptions } from '../../core/abort.ts'
import { toHex } from '../../core/bytes.ts'
import { decodeStrict, encode } from '../../core/codec.ts'
import { isLocketError } from '../../core/errors.ts'
import type { BlobStore } from '../../store/port.ts'
import { publicKeys, type DeviceKeys } from './card.ts'
import { labelled } from './purpose.ts'
import type { SessionSetup } from './setup.ts'

/** What a device remembers of a ceremony it once began: never any of its secrets. */
export type SessionState = 'begun' | 'finished'

const PREFIX = 'session/'
/** How long after its deadline a record is kept, in milliseconds: a clock that is set back by less finds it. */
const KEEP_MS = 7 * 24 * 3_600_000

const RECORD = /* @__PURE__ */ (() => bcs.struct('SessionRecord', { version: bcs.u8(), isFinished: bcs.bool(), expiresAtMs: bcs.u64() }))()

/** The records of one device's ceremonies in a store. Without a store they are forgotten with the process. */
export type SessionRecords = {
  /** The state the ceremony was left in, or nothing if this is the first time; then it is written down as begun. Drops what is long over. */
  begin(options?: AbortOptions): Promise<SessionState | undefined>
  finish(): Promise<void>
}

/** @throws {LocketError} from its methods: what the store fails with. */
export function createSessionRecords(input: {
  readonly store: BlobStore
  readonly setup: SessionSetup
  readonly own: DeviceKeys
  readonly nowMs: number
}): SessionRecords {
  const { store, setup, own, nowMs } = input
  const key = PREFIX + toHex(sha256(labelled('record', setup.ceremonyId, publicKeys(own))))
  const record = (isFinished: boolean) => encode(RECORD, { version: 1, isFinished, expiresAtMs: BigInt(setup.expiresAtMs) })

  const read = async (at: string, options?: AbortOptions): Promise<{ isFinished: boolean; isOver: boolean } | undefined> => {
    try {
      const bytes = await store.get(at, options)
      if (bytes === undefined) return undefined
      const { isFinished, expiresAtMs } = decodeStrict(RECORD, bytes, 'session.decodeRecord')
      return { isFinished, isOver: Number(expiresAtMs) + KEEP_MS < nowMs }
    } catch (error) {
      // A damaged record was a record: the ceremony was begun.
      if (isLocketError(error) && (error.code === 'store/corrupt' || error.code.startsWith('codec/')))
        return { isFinished: false, isOver: false }
      throw error
    }
  }

  return Object.freeze({
    async begin(options?: AbortOptions) {
      const over: string[] = []
      for await (const at of store.list(PREFIX, options)) if ((await read(at, options))?.isOver) over.push(at)
      for (const at of over) await store.delete(at, options)
      const present = await read(key, options)
      if (present !== undefined) return present.isFinished ? 'finished' : 'begun'
      await store.put(key, record(false), options)
      return undefined
    },
    finish: () => store.put(key, record(true)),
  })
}
