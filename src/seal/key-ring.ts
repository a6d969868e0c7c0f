import { copyBytes, equalBytes, type Bytes } from '../core/bytes.ts'
import { LocketError } from '../core/errors.ts'
import { fingerprintOf, type KeyHistory } from './data-keys.ts'
import type { SpaceKeys } from './types.ts'

type Fingerprints = ReadonlyMap<number, Uint8Array>
type Entry = {
  readonly epoch: number
  readonly keys: ReadonlyMap<number, Bytes>
  readonly fingerprints: Fingerprints
  readonly handle: SpaceKeys
}

/** The data keys in memory, until the engine is locked. */
export type KeyRing = {
  get(spaceId: string): SpaceKeys | undefined
  /** All keys of a space by epoch, for a rotation. They stay the ring's. */
  all(spaceId: string): KeyHistory | undefined
  /**
   * Adds what was decrypted. Takes ownership of the bytes. Of epochs whose keys
   * were destroyed only fingerprints come.
   *
   * @throws {LocketError} `seal/server-misbehaved` if an epoch known already comes with another key: the
   *   full node shows a space that is not the one seen before.
   */
  put(spaceId: string, epoch: number, keys: ReadonlyMap<number, Bytes>, fingerprints: Fingerprints): SpaceKeys
  /** Notes that a space has been seen at `epoch`: older entries are no answer any more. */
  seen(spaceId: string, epoch: number): void
  /** The newest epoch a space was seen at, once its keys have been here. */
  newestEpoch(spaceId: string): number | undefined
  /** Overwrites and drops everything. Handles given out fail from now on. */
  clear(): void
}

/** An empty ring. */
export function createKeyRing(): KeyRing {
  const entries = new Map<string, Entry>()
  const newest = new Map<string, number>()
  /** Every key ever put here, those of replaced entries too: handles to them are still out. */
  const held = new Set<Bytes>()
  /** Replaced by every `clear`: a handle works only in the generation it was made in. */
  let generation = {}

  function createHandle(spaceId: string, epoch: number, keys: ReadonlyMap<number, Bytes>): SpaceKeys {
    const made = generation
    return Object.freeze({
      spaceId,
      epoch,
      keyOf(wanted: number) {
        // Its keys have been overwritten with zeros by now: never hand those out.
        if (generation !== made) throw locked()
        const key = keys.get(wanted)
        return key && copyBytes(key)
      },
    })
  }

  return Object.freeze({
    get(spaceId: string) {
      const entry = entries.get(spaceId)
      return entry && entry.epoch >= (newest.get(spaceId) ?? 0) ? entry.handle : undefined
    },
    all: (spaceId: string) => entries.get(spaceId),
    put(spaceId: string, epoch: number, keys: ReadonlyMap<number, Bytes>, fingerprints: Fingerprints) {
      for (const [knownEpoch, knownKey] of entries.get(spaceId)?.keys ?? []) {
        const [shown, expected] = keys.has(knownEpoch)
          ? [keys.get(knownEpoch), knownKey]
          : [fingerprints.get(knownEpoch), fingerprintOf(knownKey)]
        if (shown === undefined || !equalBytes(shown, expected)) throw forged(spaceId, knownEpoch)
      }
      for (const key of keys.values()) held.add(key)
      const handle = createHandle(spaceId, epoch, keys)
      entries.set(spaceId, { epoch, keys, fingerprints, handle })
      newest.set(spaceId, Math.max(epoch, newest.get(spaceId) ?? 0))
      return handle
    },
    seen(spaceId: string, epoch: number) {
      if (entries.has(spaceId)) newest.set(spaceId, Math.max(epoch, newest.get(spaceId) ?? 0))
    },
    newestEpoch: (spaceId: string) => newest.get(spaceId),
    clear() {
      for (const key of held) key.fill(0)
      held.clear()
      entries.clear()
      newest.clear()
      generation = {}
    },
  })
}

/** What the engine says of everything it has forgotten. */
export function locked(): LocketError {
  return new LocketError('usage/wrong-state', { operation: 'seal.keysOf', message: 'the engine was locked; ask for the keys again' })
}

function forged(spaceId: string, epoch: number): LocketError {
  return new LocketError('seal/server-misbehaved', {
    operation: 'seal.keysOf',
    message: `space ${spaceId} now shows another data key for epoch ${epoch} than before`,
    details: { spaceId, epoch },
  })
}
