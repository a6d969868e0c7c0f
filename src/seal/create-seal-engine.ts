import { throwIfAborted, type AbortOptions } from '../core/abort.ts'
import { copyBytes, toHex, utf8, type Bytes } from '../core/bytes.ts'
import { randomBytes } from '../core/capabilities.ts'
import { isLocketError, LocketError } from '../core/errors.ts'
import { MAX_NAME_BYTES } from '../core/limits.ts'
import { abortable } from './abortable.ts'
import { assertThreshold } from './assert-threshold.ts'
import { wrapChainError } from './chain-error.ts'
import { DATA_KEY_BYTES, openLabel, sealHistory, sealLabel } from './data-keys.ts'
import { execute } from './execute.ts'
import { createIdentity } from './identity.ts'
import { createKeyRing, locked } from './key-ring.ts'
import { createKeyServers } from './key-servers.ts'
import { loadSealSdk, type SealSdk } from './load-sdk.ts'
import { normalizeId } from './normalize-id.ts'
import { openEnvelopes } from './open-envelopes.ts'
import type { SealEngine, SealEngineDeps } from './seal-engine.ts'
import { createServerTime } from './server-time.ts'
import { createSessions } from './sessions.ts'
import { createSpaceCalls } from './space-calls.ts'
import { createSpaceReader, type SpaceRecord } from './space-reader.ts'
import type { KeysOutcome, SealOptions, SpaceKeys, SpaceState } from './types.ts'

const DEFAULT_TTL_MIN = 10
const DEFAULT_TIMEOUT_MS = 10_000
/** Spaces opened with one request; servers take 100 commands and 180 KiB. */
const SPACES_PER_REQUEST = 50

/**
 * Builds the Seal engine. Nothing is loaded or asked before the first call.
 *
 * @throws {LocketError} `usage/invalid-argument`; `seal/weak-threshold` for a key-server set that one server can
 *   open or that cannot lose one, unless `network.acceptRisk` names the risk.
 */
export function createSealEngine(deps: SealEngineDeps): SealEngine {
  const { client, signer, network, clock, entropy, sessionTtlMin: ttlMin = DEFAULT_TTL_MIN } = deps
  if (!Number.isInteger(ttlMin) || ttlMin < 1 || ttlMin > 30) throw invalid('sessionTtlMin', 'must be 1 to 30 minutes')
  assertThreshold(network)
  const packageId = normalizeId(network.policyPackageId, 'policyPackageId')
  const calls = createSpaceCalls(packageId)
  const reader = createSpaceReader(client, packageId)
  const time = createServerTime(clock)
  const ring = createKeyRing()
  const inFlight = new Map<string, Promise<SpaceKeys>>()
  let loading: Promise<SealSdk> | undefined
  let queue: Promise<unknown> = Promise.resolve()
  let generation = 0
  let account: string | undefined

  /** A failed load is not remembered. */
  async function sdk(): Promise<SealSdk> {
    loading ??= (deps.loadSdk ?? loadSealSdk)().catch((error: unknown) => {
      loading = undefined
      throw error
    })
    return loading
  }

  const keyServers = createKeyServers({
    sdk,
    client,
    network,
    packageId,
    time,
    timeoutMs: deps.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    store: deps.sessionStore,
  })
  const sessions = createSessions({
    signer,
    packageId,
    ttlMin,
    clock,
    entropy,
    time,
    store: deps.sessionStore,
    refreshTime: () => keyServers.probe(),
    async verify(message, signature, address) {
      const { verifyPersonalMessageSignature } = await sdk()
      return verifyPersonalMessageSignature(message, signature, { address, client }).then(
        () => true,
        () => false,
      )
    },
  })
  const envelopeDeps = { sdk, packageId, threshold: network.threshold, keyServers, sessions, time, clock, entropy }

  /** Drops all keys and whatever is under way to get more. */
  function forgetKeys(): void {
    generation++
    ring.clear()
    inFlight.clear()
    keyServers.close()
  }

  /** Keys opened for one account are not for the next one: a switch in the wallet forgets them. */
  function enterAccount(): void {
    const address = signer.toSuiAddress()
    if (account !== undefined && account !== address) forgetKeys()
    account = address
  }

  /** One Seal request at a time: it is CPU work anyway, and each answer then belongs to one request. */
  function queued<T>(work: () => Promise<T>): Promise<T> {
    const result = queue.then(work)
    queue = result.catch(() => undefined)
    return result
  }

  async function read(spaceId: string, options?: AbortOptions): Promise<SpaceRecord> {
    const record = await abortable(reader.read(normalizeId(spaceId, 'spaceId'), options), options)
    ring.seen(record.state.id, record.state.epoch)
    return record
  }

  async function readOwned(spaceId: string, operation: string, options?: AbortOptions): Promise<SpaceRecord> {
    const record = await read(spaceId, options)
    if (record.state.owner === signer.toSuiAddress()) return record
    throw new LocketError('seal/no-access', {
      operation,
      message: `only the owner of space ${record.state.id} may do this`,
      details: { spaceId: record.state.id },
    })
  }

  async function transact(operation: string, build: (tx: InstanceType<SealSdk['Transaction']>) => void, options?: AbortOptions) {
    const { Transaction } = await sdk()
    const tx = new Transaction()
    build(tx)
    return execute({ client, signer, packageId }, operation, tx, options)
  }

  /** Encrypts a data key to a fresh identity of a space's epoch. */
  async function wrapDataKey(spaceId: string, epoch: number, dataKey: Bytes, options: SealOptions): Promise<Bytes> {
    options.onProgress?.({ step: 'encrypt-key', spaceId })
    const seal = await keyServers.openForEncryption()
    const id = toHex(createIdentity({ spaceId, epoch, entropy }))
    try {
      const { encryptedObject } = await seal.encrypt({ threshold: network.threshold, packageId, id, data: dataKey })
      return copyBytes(encryptedObject)
    } catch (error) {
      if (error instanceof Error && /first version/.test(error.message)) {
        throw new LocketError('seal/wrong-package', {
          operation: 'seal.encrypt',
          message: `package ${packageId} is not the first version of its lineage`,
          details: { packageId },
          cause: error,
        })
      }
      throw wrapChainError(error, 'seal.encrypt', 'chain/wrong-network')
    }
  }

  async function openRecords(records: readonly SpaceRecord[], options: SealOptions): Promise<readonly SpaceKeys[]> {
    const started = generation
    for (const { state } of records) {
      const newest = ring.newestEpoch(state.id)
      if (newest !== undefined && state.epoch < newest) {
        throw new LocketError('memory/rollback', {
          operation: 'seal.keysOf',
          message: `space ${state.id} is shown at key epoch ${state.epoch} and was at ${newest} before`,
          details: { spaceId: state.id, epoch: state.epoch, seenEpoch: newest },
        })
      }
      options.onProgress?.({ step: 'fetch-keys', spaceId: state.id })
    }
    const opened = await openEnvelopes(envelopeDeps, records, signer.toSuiAddress(), {
      signal: options.signal,
      onPrompt: () => options.onProgress?.({ step: 'session' }),
    })
    if (started !== generation) throw locked()
    return records.map(({ state }, i) => {
      const { epoch, keys } = opened[i] as (typeof opened)[number]
      return ring.put(state.id, epoch, keys)
    })
  }

  /** Opens one space; if it is denied because the epoch has just moved on, opens the new epoch. */
  async function openOne(spaceId: string, options: SealOptions): Promise<SpaceKeys> {
    const record = await read(spaceId, options)
    try {
      return (await queued(() => openRecords([record], options)))[0] as SpaceKeys
    } catch (error) {
      if (!isLocketError(error, 'seal/no-access')) throw error
      const latest = await read(spaceId, options)
      if (latest.state.epoch === record.state.epoch) throw error
      return (await queued(() => openRecords([latest], options)))[0] as SpaceKeys
    }
  }

  async function keysOf(spaceId: string, options: SealOptions = {}): Promise<SpaceKeys> {
    throwIfAborted(options)
    const id = normalizeId(spaceId, 'spaceId')
    enterAccount()
    const known = ring.get(id)
    if (known) return known
    const joined = inFlight.get(id)
    if (joined) return abortable(joined, options)
    // The work is shared with whoever asks meanwhile: one caller's abort must not end it for the others.
    const work = openOne(id, { onProgress: options.onProgress }).finally(() => {
      if (inFlight.get(id) === work) inFlight.delete(id)
    })
    inFlight.set(id, work)
    return abortable(work, options)
  }

  async function keysOfAll(spaceIds: readonly string[], options: SealOptions = {}): Promise<readonly KeysOutcome[]> {
    const ids = spaceIds.map((spaceId) => normalizeId(spaceId, 'spaceIds'))
    const outcomes = new Map<string, KeysOutcome>()
    const records: SpaceRecord[] = []
    enterAccount()
    for (const id of new Set(ids)) {
      throwIfAborted(options)
      const known = ring.get(id)
      if (known) outcomes.set(id, { spaceId: id, ok: true, keys: known })
      else {
        const record = await read(id, options).catch((error: unknown) => settle(error, options))
        if (record instanceof LocketError) outcomes.set(id, { spaceId: id, ok: false, error: record })
        else records.push(record)
      }
    }
    for (let i = 0; i < records.length; i += SPACES_PER_REQUEST) {
      const batch = records.slice(i, i + SPACES_PER_REQUEST)
      const opened = await abortable(
        queued(() => openRecords(batch, options)),
        options,
      ).catch((error: unknown) => settle(error, options))
      if (!(opened instanceof LocketError)) {
        for (const keys of opened) outcomes.set(keys.spaceId, { spaceId: keys.spaceId, ok: true, keys })
        continue
      }
      for (const { state } of batch) {
        // One space that is denied or broken fails its batch; the others deserve a request of their own. What fails all alike does not.
        const alone =
          batch.length > 1 && isOfOneSpace(opened)
            ? await keysOf(state.id, options).catch((error: unknown) => settle(error, options))
            : opened
        outcomes.set(
          state.id,
          alone instanceof LocketError ? { spaceId: state.id, ok: false, error: alone } : { spaceId: state.id, ok: true, keys: alone },
        )
      }
    }
    return ids.map((id) => outcomes.get(id) as KeysOutcome)
  }

  async function rotateWith(
    spaceId: string,
    operation: string,
    before: (tx: InstanceType<SealSdk['Transaction']>) => void,
    options: SealOptions,
  ): Promise<SpaceKeys> {
    const { state } = await readOwned(spaceId, operation, options)
    const current = await keysOf(state.id, options)
    if (current.epoch !== state.epoch) {
      throw new LocketError('seal/stale-epoch', { operation, details: { spaceId: state.id, epoch: state.epoch } })
    }
    options.onProgress?.({ step: 'rotate', spaceId: state.id })
    const started = generation
    const epoch = state.epoch + 1
    const dataKey = randomBytes(entropy, DATA_KEY_BYTES)
    const older = new Map([...(ring.all(state.id) ?? [])].map(([past, key]) => [past, copyBytes(key)]))
    const label = await readLabel(state, current)
    const place = { spaceId: state.id, epoch, dataKey, entropy }
    const envelope = await wrapDataKey(state.id, epoch, dataKey, options)
    const history = await sealHistory({ ...place, older })
    const newLabel = label === undefined ? new Uint8Array() : await sealLabel({ ...place, label })
    await transact(
      operation,
      (tx) => {
        before(tx)
        calls.rotate(tx, state.id, { expectedEpoch: state.epoch, envelope, history, label: newLabel })
      },
      options,
    )
    if (started !== generation) throw locked()
    return ring.put(state.id, epoch, older.set(epoch, dataKey))
  }

  async function readLabel(state: SpaceState, keys: SpaceKeys): Promise<string | undefined> {
    const dataKey = keys.keyOf(state.epoch)
    if (state.label.length === 0 || !dataKey) return undefined
    return openLabel({ spaceId: state.id, epoch: state.epoch, dataKey, sealed: state.label })
  }

  /** A change of the owner's that touches no key. */
  async function change(
    operation: string,
    spaceId: string,
    build: (tx: InstanceType<SealSdk['Transaction']>, id: string) => void,
    options?: SealOptions,
  ): Promise<void> {
    const { state } = await readOwned(spaceId, operation, options)
    await transact(operation, (tx) => build(tx, state.id), options)
  }

  async function newSpaceId(options: SealOptions): Promise<string> {
    options.onProgress?.({ step: 'create-space' })
    const { createdIds, digest } = await transact('seal.createSpace', (tx) => calls.create(tx), options)
    const objects = await client.core.getObjects({ objectIds: [...createdIds] }).catch((error: unknown) => {
      throw wrapChainError(error, 'seal.createSpace')
    })
    const space = objects.objects.find((object) => !(object instanceof Error) && object.type.endsWith('::space::Space'))
    if (space && !(space instanceof Error)) return space.objectId
    throw new LocketError('chain/not-found', { operation: 'seal.createSpace', message: `transaction ${digest} created no space` })
  }

  return Object.freeze<SealEngine>({
    async createSpace(options = {}) {
      const { label } = options
      if (label !== undefined) assertLabel(label)
      enterAccount()
      // Before anything is paid for: the set must be fit to encrypt to.
      await keyServers.openForEncryption()
      const id = options.spaceId === undefined ? await newSpaceId(options) : normalizeId(options.spaceId, 'spaceId')
      const { state } = await readOwned(id, 'seal.createSpace', options)
      if (state.keyEnvelope.length > 0) {
        throw new LocketError('usage/wrong-state', {
          operation: 'seal.createSpace',
          message: `space ${id} is complete`,
          details: { spaceId: id },
        })
      }
      const started = generation
      const dataKey = randomBytes(entropy, DATA_KEY_BYTES)
      const envelope = await wrapDataKey(id, 0, dataKey, options)
      const sealed = label === undefined ? new Uint8Array() : await sealLabel({ spaceId: id, epoch: 0, dataKey, label, entropy })
      await transact('seal.createSpace', (tx) => calls.setKey(tx, id, { expectedEpoch: 0, envelope, label: sealed }), options)
      if (started === generation) ring.put(id, 0, new Map([[0, dataKey]]))
      return (await read(id, options)).state
    },
    async listSpaces(options = {}) {
      const records = await abortable(reader.list(signer.toSuiAddress(), options), options)
      for (const { state } of records) ring.seen(state.id, state.epoch)
      return records.map(({ state }) => state)
    },
    getSpace: async (spaceId, options) => (await read(spaceId, options)).state,
    keysOf,
    keysOfAll,
    async labelOf(spaceId, options = {}) {
      const { state } = await read(spaceId, options)
      if (state.label.length === 0) return undefined
      return readLabel(state, await keysOf(state.id, options))
    },
    async setLabel(spaceId, label, options = {}) {
      assertLabel(label)
      const { state } = await readOwned(spaceId, 'seal.setLabel', options)
      const dataKey = (await keysOf(state.id, options)).keyOf(state.epoch)
      if (!dataKey) throw new LocketError('seal/stale-epoch', { operation: 'seal.setLabel', details: { spaceId: state.id } })
      const sealed = await sealLabel({ spaceId: state.id, epoch: state.epoch, dataKey, label, entropy })
      await transact('seal.setLabel', (tx) => calls.setLabel(tx, state.id, sealed), options)
    },
    rotate: (spaceId, options = {}) => rotateWith(spaceId, 'seal.rotate', () => undefined, options),
    async addMember(spaceId, { address, role, expiresAtMs }, options) {
      const who = normalizeId(address, 'address')
      if (expiresAtMs !== undefined) assertTime(expiresAtMs, 'expiresAtMs')
      await change(
        'seal.addMember',
        spaceId,
        (tx, id) => calls.addMember(tx, id, { address: who, role, expiresAtMs: expiresAtMs ?? 0 }),
        options,
      )
    },
    async removeMember(spaceId, address, options = {}) {
      const who = normalizeId(address, 'address')
      const id = normalizeId(spaceId, 'spaceId')
      return rotateWith(id, 'seal.removeMember', (tx) => calls.removeMember(tx, id, who), options)
    },
    async setTimelock(spaceId, timelock, options) {
      if (timelock) assertTime(timelock.releaseAtMs, 'releaseAtMs')
      const checked = timelock && { ...timelock, beneficiary: normalizeId(timelock.beneficiary, 'beneficiary') }
      await change('seal.setTimelock', spaceId, (tx, id) => calls.setTimelock(tx, id, checked), options)
    },
    async setSuccessor(spaceId, successor, options) {
      if (successor) assertTime(successor.silenceMs, 'silenceMs')
      const checked = successor && { ...successor, address: normalizeId(successor.address, 'address') }
      await change('seal.setSuccessor', spaceId, (tx, id) => calls.setSuccessor(tx, id, checked), options)
    },
    heartbeat: (spaceId, options) => change('seal.heartbeat', spaceId, calls.heartbeat, options),
    appendSetHead(tx, { spaceId, expectedVersion, blobId }) {
      calls.setHead(tx, normalizeId(spaceId, 'spaceId'), { expectedVersion, blobId })
    },
    async startSession(options = {}) {
      const session = await sessions.ensure({
        signal: options.signal,
        explicit: true,
        onPrompt: () => options.onProgress?.({ step: 'session' }),
      })
      // On this device's clock, so that the caller can compare it with its own.
      return { expiresAtMs: session.creationTimeMs + session.ttlMin * 60_000 + (time.skewMs() ?? 0) }
    },
    async checkKeyServers(options = {}) {
      await keyServers.probe({ signal: options.signal, prove: true }).catch((error: unknown) => {
        throwIfAborted(options)
        if (!isLocketError(error, 'seal/server-misbehaved')) throw error
      })
      return keyServers.status()
    },
    keyServerStatus: keyServers.status,
    async lock() {
      forgetKeys()
      await sessions.clear()
    },
  })
}

/** An error as a value, for a batch. Aborts are not outcomes: they end the batch. */
function settle(error: unknown, options: AbortOptions): LocketError {
  throwIfAborted(options)
  if (isLocketError(error)) return error
  throw error
}

function isOfOneSpace(error: LocketError): boolean {
  return [
    'seal/no-access',
    'seal/wrong-package',
    'codec/invalid',
    'crypto/open-failed',
    'chain/not-found',
    'usage/wrong-state',
    'memory/rollback',
  ].includes(error.code)
}

function assertLabel(label: string): void {
  if (utf8(label).length > MAX_NAME_BYTES) throw invalid('label', `must be at most ${MAX_NAME_BYTES} bytes`)
}

function assertTime(value: number, parameter: string): void {
  if (!Number.isSafeInteger(value) || value < 1) throw invalid(parameter, 'must be a positive whole number of milliseconds')
}

function invalid(parameter: string, rule: string): LocketError {
  return new LocketError('usage/invalid-argument', {
    operation: 'seal.createSealEngine',
    message: `${parameter} ${rule}`,
    details: { parameter },
  })
}
