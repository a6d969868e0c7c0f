import type { Transaction } from '@mysten/sui/transactions'
import { copyBytes, utf8, type Bytes } from '../core/bytes.ts'
import { randomBytes } from '../core/capabilities.ts'
import { LocketError } from '../core/errors.ts'
import { MAX_NAME_BYTES } from '../core/limits.ts'
import { wrapChainError } from './chain-error.ts'
import { DATA_KEY_BYTES, fingerprintOf, openLabel, sealHistory, sealLabel, type KeyHistory } from './data-keys.ts'
import type { EngineContext } from './engine-context.ts'
import { normalizeId } from './normalize-id.ts'
import type { PreparedRotation, SealEngine } from './seal-engine.ts'
import { createSpaceCalls } from './space-calls.ts'
import type { SealOptions, SpaceKeys, SpaceState } from './types.ts'

type Changes = Pick<
  SealEngine,
  | 'createSpace'
  | 'labelOf'
  | 'setLabel'
  | 'prepareRotation'
  | 'appendRotation'
  | 'rotate'
  | 'addMember'
  | 'removeMember'
  | 'setTimelock'
  | 'setSuccessor'
  | 'heartbeat'
  | 'appendSetHead'
>

/** The writing half of the engine: everything that ends in a transaction, and the label, which the same keys seal. */
export function createSpaceChanges(context: EngineContext, keysOf: SealEngine['keysOf']): Changes {
  const { deps, ring, keyServers, read, readOwned, transact, wrapDataKey } = context
  const { client, entropy } = deps
  const calls = createSpaceCalls(context.packageId)

  async function prepareRotation(
    spaceId: string,
    operation: string,
    options: SealOptions & { readonly destroyOlderKeys?: boolean | undefined },
  ): Promise<PreparedRotation> {
    const { state } = await readOwned(spaceId, operation, options)
    const current = await keysOf(state.id, options)
    if (current.epoch !== state.epoch) {
      throw new LocketError('seal/stale-epoch', { operation, details: { spaceId: state.id, epoch: state.epoch } })
    }
    options.onProgress?.({ step: 'rotate', spaceId: state.id })
    const assertNotLocked = context.guard()
    const epoch = state.epoch + 1
    const secretDataKey = randomBytes(entropy, DATA_KEY_BYTES)
    const older = olderThan(ring.all(state.id), options.destroyOlderKeys === true)
    const text = await readLabel(state, current)
    const place = { spaceId: state.id, epoch, dataKey: secretDataKey, entropy }
    const envelope = await wrapDataKey(state.id, epoch, secretDataKey, options)
    const history = await sealHistory({ ...place, older })
    const label = text === undefined ? new Uint8Array() : await sealLabel({ ...place, label: text })
    // A lock in between has overwritten the older keys: their history would be one of zeros.
    assertNotLocked()
    return Object.freeze({ spaceId: state.id, epoch, secretDataKey, envelope, history, label })
  }

  function appendRotation(tx: Transaction, { spaceId, epoch, envelope, history, label }: Omit<PreparedRotation, 'secretDataKey'>): void {
    calls.rotate(tx, normalizeId(spaceId, 'spaceId'), { expectedEpoch: epoch - 1, envelope, history, label })
  }

  async function rotateWith(
    spaceId: string,
    operation: string,
    before: (tx: Transaction, id: string) => void,
    options: SealOptions,
  ): Promise<SpaceKeys> {
    const rotation = await prepareRotation(spaceId, operation, options)
    const assertNotLocked = context.guard()
    const older = olderThan(ring.all(rotation.spaceId), false)
    const build = (tx: Transaction) => {
      before(tx, rotation.spaceId)
      appendRotation(tx, rotation)
    }
    await transact(operation, build, options)
    assertNotLocked()
    const keys = older.keys.set(rotation.epoch, rotation.secretDataKey)
    return ring.put(rotation.spaceId, rotation.epoch, keys, older.fingerprints)
  }

  /** A change of the owner's that touches no key. */
  async function change(
    operation: string,
    spaceId: string,
    build: (tx: Transaction, id: string) => void,
    options?: SealOptions,
  ): Promise<void> {
    const { state } = await readOwned(spaceId, operation, options)
    await transact(operation, (tx) => build(tx, state.id), options)
  }

  async function newSpaceId(options: SealOptions): Promise<string> {
    options.onProgress?.({ step: 'create-space' })
    const { createdIds, digest } = await transact('seal.createSpace', (tx) => calls.create(tx), options)
    const { objects } = await client.core.getObjects({ objectIds: [...createdIds] }).catch((error: unknown) => {
      throw wrapChainError(error, 'seal.createSpace')
    })
    const space = objects.find((object) => !(object instanceof Error) && object.type.endsWith('::space::Space'))
    if (space && !(space instanceof Error)) return space.objectId
    throw new LocketError('chain/not-found', { operation: 'seal.createSpace', message: `transaction ${digest} created no space` })
  }

  return {
    async createSpace(options = {}) {
      const { label } = options
      if (label !== undefined) assertLabel(label)
      context.enterAccount()
      // Before anything is paid for: the set must be fit to encrypt to.
      await keyServers.openForEncryption()
      const id = options.spaceId === undefined ? await newSpaceId(options) : normalizeId(options.spaceId, 'spaceId')
      const { state } = await readOwned(id, 'seal.createSpace', options)
      if (state.keyEnvelope.length > 0) {
        const message = `space ${id} has its key already`
        throw new LocketError('usage/wrong-state', { operation: 'seal.createSpace', message, details: { spaceId: id } })
      }
      const assertNotLocked = context.guard()
      const dataKey = randomBytes(entropy, DATA_KEY_BYTES)
      const envelope = await wrapDataKey(id, 0, dataKey, options)
      const sealed = label === undefined ? new Uint8Array() : await sealLabel({ spaceId: id, epoch: 0, dataKey, label, entropy })
      await transact('seal.createSpace', (tx) => calls.setKey(tx, id, { expectedEpoch: 0, envelope, label: sealed }), options)
      assertNotLocked()
      ring.put(id, 0, new Map([[0, dataKey]]), new Map())
      return (await read(id, options)).state
    },
    async labelOf(spaceId, options = {}) {
      const { state } = await read(spaceId, options)
      return state.label.length === 0 ? undefined : readLabel(state, await keysOf(state.id, options))
    },
    async setLabel(spaceId, label, options = {}) {
      assertLabel(label)
      const { state } = await readOwned(spaceId, 'seal.setLabel', options)
      const dataKey = (await keysOf(state.id, options)).keyOf(state.epoch)
      if (!dataKey) throw new LocketError('seal/stale-epoch', { operation: 'seal.setLabel', details: { spaceId: state.id } })
      const sealed = await sealLabel({ spaceId: state.id, epoch: state.epoch, dataKey, label, entropy })
      await transact('seal.setLabel', (tx) => calls.setLabel(tx, state.id, sealed), options)
    },
    prepareRotation: (spaceId, options = {}) => prepareRotation(spaceId, 'seal.prepareRotation', options),
    appendRotation,
    rotate: (spaceId, options = {}) => rotateWith(spaceId, 'seal.rotate', () => undefined, options),
    async addMember(spaceId, { address, role, expiresAtMs }, options) {
      const who = normalizeId(address, 'address')
      if (expiresAtMs !== undefined) assertTime(expiresAtMs, 'expiresAtMs')
      const member = { address: who, role, expiresAtMs: expiresAtMs ?? 0 }
      await change('seal.addMember', spaceId, (tx, id) => calls.addMember(tx, id, member), options)
    },
    async removeMember(spaceId, address, options = {}) {
      const who = normalizeId(address, 'address')
      return rotateWith(spaceId, 'seal.removeMember', (tx, id) => calls.removeMember(tx, id, who), options)
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
    heartbeat: (spaceId, options) => change('seal.heartbeat', spaceId, (tx, id) => calls.heartbeat(tx, id), options),
    appendSetHead(tx, { spaceId, expectedVersion, blobId }) {
      calls.setHead(tx, normalizeId(spaceId, 'spaceId'), { expectedVersion, blobId })
    },
  }
}

/** Copies of what the next epoch's history holds: all older keys, or of each only a fingerprint. */
function olderThan(
  known: KeyHistory | undefined,
  destroyKeys: boolean,
): { readonly keys: Map<number, Bytes>; readonly fingerprints: Map<number, Bytes> } {
  const keys = new Map<number, Bytes>()
  const fingerprints = new Map<number, Bytes>()
  for (const [epoch, fingerprint] of known?.fingerprints ?? []) fingerprints.set(epoch, copyBytes(fingerprint))
  for (const [epoch, key] of known?.keys ?? []) {
    if (destroyKeys) fingerprints.set(epoch, fingerprintOf(key))
    else keys.set(epoch, copyBytes(key))
  }
  return { keys, fingerprints }
}

async function readLabel(state: SpaceState, keys: SpaceKeys): Promise<string | undefined> {
  const dataKey = keys.keyOf(state.epoch)
  if (state.label.length === 0 || !dataKey) return undefined
  return openLabel({ spaceId: state.id, epoch: state.epoch, dataKey, sealed: state.label })
}

function assertLabel(label: string): void {
  if (utf8(label).length > MAX_NAME_BYTES) throw invalid('label', `must be at most ${MAX_NAME_BYTES} bytes of UTF-8`)
}

function assertTime(value: number, parameter: string): void {
  if (!Number.isSafeInteger(value) || value < 1) throw invalid(parameter, 'must be a positive whole number of milliseconds')
}

function invalid(parameter: string, rule: string): LocketError {
  return new LocketError('usage/invalid-argument', { operation: 'seal.change', message: `${parameter} ${rule}`, details: { parameter } })
}
