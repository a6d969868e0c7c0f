import { throwIfAborted, type AbortOptions } from '../core/abort.ts'
import { isLocketError, LocketError } from '../core/errors.ts'
import { abortable } from '../core/abortable.ts'
import type { EngineContext } from './engine-context.ts'
import { normalizeId } from './normalize-id.ts'
import { openEnvelopes } from './open-envelopes.ts'
import type { SealEngine } from './seal-engine.ts'
import type { SpaceRecord } from './space-reader.ts'
import type { KeysOutcome, SealOptions, SpaceKeys } from './types.ts'

/** Spaces opened with one request; servers take 100 commands and 180 KiB. */
const SPACES_PER_REQUEST = 50

/** What can be wrong with one space of a batch while the others are well. */
const ABOUT_ONE_SPACE = new Set<string>([
  'seal/no-access',
  'seal/wrong-package',
  'codec/invalid',
  'crypto/open-failed',
  'chain/not-found',
  'usage/wrong-state',
  'memory/rollback',
])

/** The reading half of the engine: data keys, from memory or through Seal. */
export function createSpaceOpener(context: EngineContext): Pick<SealEngine, 'keysOf' | 'keysOfAll'> {
  const { deps, ring, read, queued } = context
  const inFlight = new Map<string, { readonly work: Promise<SpaceKeys>; readonly isCurrent: () => boolean }>()
  const envelopeDeps = {
    sdk: context.sdk,
    packageId: context.packageId,
    keyServers: context.keyServers,
    sessions: context.sessions,
    time: context.time,
    clock: deps.clock,
    entropy: deps.entropy,
  }

  async function openRecords(records: readonly SpaceRecord[], options: SealOptions): Promise<readonly SpaceKeys[]> {
    const assertNotLocked = context.guard()
    for (const { state } of records) {
      const newest = ring.newestEpoch(state.id)
      if (newest !== undefined && state.epoch < newest) throw rollback(state.id, state.epoch, newest)
      options.onProgress?.({ step: 'fetch-keys', spaceId: state.id })
    }
    const opened = await openEnvelopes(envelopeDeps, records, deps.signer.toSuiAddress(), {
      signal: options.signal,
      onPrompt: () => options.onProgress?.({ step: 'session' }),
    })
    assertNotLocked()
    return opened.map(({ spaceId, epoch, keys, fingerprints }) => ring.put(spaceId, epoch, keys, fingerprints))
  }

  async function openRecord(record: SpaceRecord, options: SealOptions): Promise<SpaceKeys> {
    const [keys] = await queued(() => openRecords([record], options))
    return keys as SpaceKeys
  }

  /** Opens one space; if it is denied because the epoch has just moved on, opens the new epoch. */
  async function openOne(spaceId: string, options: SealOptions): Promise<SpaceKeys> {
    const record = await read(spaceId, options)
    try {
      return await openRecord(record, options)
    } catch (error) {
      if (!isLocketError(error, 'seal/no-access')) throw error
      const latest = await read(spaceId, options)
      if (latest.state.epoch === record.state.epoch) throw error
      return openRecord(latest, options)
    }
  }

  async function keysOf(spaceId: string, options: SealOptions = {}): Promise<SpaceKeys> {
    throwIfAborted(options)
    const id = normalizeId(spaceId, 'spaceId')
    context.enterAccount()
    const known = ring.get(id)
    if (known) return known
    const joined = inFlight.get(id)
    if (joined?.isCurrent()) return abortable(joined.work, options)
    const assertNotLocked = context.guard()
    // Shared with whoever asks meanwhile: one caller's abort must not end it for the others.
    const work = openOne(id, { onProgress: options.onProgress }).finally(() => {
      if (inFlight.get(id) === entry) inFlight.delete(id)
    })
    const entry = { work, isCurrent: () => succeeds(assertNotLocked) }
    inFlight.set(id, entry)
    return abortable(work, options)
  }

  async function keysOfAll(spaceIds: readonly string[], options: SealOptions = {}): Promise<readonly KeysOutcome[]> {
    const ids = spaceIds.map((spaceId) => normalizeId(spaceId, 'spaceIds'))
    const outcomes = new Map<string, KeysOutcome>()
    const records: SpaceRecord[] = []
    const note = (spaceId: string, result: SpaceKeys | LocketError) =>
      outcomes.set(spaceId, result instanceof LocketError ? { spaceId, ok: false, error: result } : { spaceId, ok: true, keys: result })
    context.enterAccount()
    for (const id of new Set(ids)) {
      throwIfAborted(options)
      const known = ring.get(id)
      const found = known ?? (await settled(read(id, options), options))
      if (known || found instanceof LocketError) note(id, (known ?? found) as SpaceKeys | LocketError)
      else records.push(found as SpaceRecord)
    }
    for (let i = 0; i < records.length; i += SPACES_PER_REQUEST) {
      const batch = records.slice(i, i + SPACES_PER_REQUEST)
      const opened = await settled(
        queued(() => openRecords(batch, options)),
        options,
      )
      if (!(opened instanceof LocketError)) {
        for (const keys of opened) note(keys.spaceId, keys)
        continue
      }
      const isolate = batch.length > 1 && ABOUT_ONE_SPACE.has(opened.code)
      for (const { state } of batch) note(state.id, isolate ? await settled(keysOf(state.id, options), options) : opened)
    }
    return ids.map((id) => outcomes.get(id) as KeysOutcome)
  }

  return { keysOf, keysOfAll }
}

/** A result or an error of ours, as a value. Aborts are not outcomes: they end the batch. */
async function settled<T>(work: Promise<T>, options: AbortOptions): Promise<T | LocketError> {
  try {
    return await work
  } catch (error) {
    throwIfAborted(options)
    if (error instanceof LocketError) return error
    throw error
  }
}

function succeeds(assertion: () => void): boolean {
  try {
    assertion()
    return true
  } catch {
    return false
  }
}

function rollback(spaceId: string, epoch: number, seenEpoch: number): LocketError {
  return new LocketError('memory/rollback', {
    operation: 'seal.keysOf',
    message: `space ${spaceId} is shown at key epoch ${epoch} and was at ${seenEpoch} before`,
    details: { spaceId, epoch, seenEpoch },
  })
}
