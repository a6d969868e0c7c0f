import { bcs } from '@mysten/sui/bcs'
import { deriveDynamicFieldID, fromBase58, toBase58 } from '@mysten/sui/utils'
import { blake2b } from '@noble/hashes/blake2.js'
import { concatBytes, copyBytes, utf8, type Bytes } from '../../core/bytes.ts'
import { systemClock, type Clock } from '../../core/capabilities.ts'
import { LocketError } from '../../core/errors.ts'
import { createFaults, type Faults } from '../faults.ts'
import type { MoveVm } from '../move-vm/types.ts'
import { coinTwins } from './coin-twins.ts'
import { executePtb } from './execute-ptb.ts'
import { ExecutionFailure } from './failure.ts'
import {
  CLOCK_ID,
  CLOCK_TYPE,
  coinObjectType,
  encodeClock,
  encodeCoin,
  fieldType,
  normalizeId,
  normalizeType,
  SUI_FRAMEWORK,
  ZERO_DIGEST,
} from './framework.ts'
import { createFunctionTable } from './functions.ts'
import { resolveInputs } from './inputs.ts'
import { createLedgerClock } from './ledger-clock.ts'
import type { LedgerSnapshot, LedgerView, LocalLedger } from './local-ledger.ts'
import { createOverlay, deriveObjectId } from './overlay.ts'
import { parseTransaction, runTransaction, type TransactionRecord } from './run-transaction.ts'
import type { DryRun, LedgerObject } from './types.ts'
import { verifySignatures } from './verify-signatures.ts'

export type LedgerOptions = {
  /** What ledger time follows. Defaults to the platform's clock. */
  readonly clock?: Clock | undefined
  /** Runs compiled Move modules. Without one only twins can be called. */
  readonly vm?: MoveVm | undefined
  readonly faults?: Faults | undefined
  /** Epoch to start in. Default 10. */
  readonly epoch?: number | undefined
  /** Distinguishes this chain's identifier from others'. Default `localnet`. */
  readonly name?: string | undefined
}

/**
 * One Sui ledger in memory: objects, packages, programmable transactions,
 * effects. A single validator without consensus: a transaction is final when
 * {@link LocalLedger.execute} resolves. Everything after the signature check
 * is synchronous, so transactions never interleave.
 */
export function createLedger(options: LedgerOptions = {}): LocalLedger {
  const faults = options.faults ?? createFaults()
  const clock = createLedgerClock(options.clock ?? systemClock())
  const functions = createFunctionTable(options.vm)
  const genesisDigest = copyBytes(blake2b(utf8(`locket ${options.name ?? 'localnet'}`), { dkLen: 32 }))
  const chainIdentifier = toBase58(genesisDigest)

  let objects = new Map<string, LedgerObject>()
  let transactions: TransactionRecord[] = []
  let byDigest = new Map<string, TransactionRecord>()
  let packages = new Map<string, readonly Bytes[]>()
  let epoch = options.epoch ?? 10
  let epochStartMs = clock.nowMs()
  let idCounter = 0n
  const epochListeners = new Set<() => void>()

  for (const id of ['0x1', '0x2', '0x3']) packages.set(normalizeId(id), [])
  // Compiled framework modules are better than stand-ins, where there are any.
  if (options.vm?.describe(SUI_FRAMEWORK, 'coin', 'zero') === undefined) {
    for (const twin of coinTwins()) functions.registerTwin(twin)
  }
  place({ id: CLOCK_ID, type: CLOCK_TYPE, contents: encodeClock(0), owner: { kind: 'shared', initialVersion: 1n } })

  function get(rawId: string): LedgerObject | undefined {
    const object = objects.get(normalizeId(rawId))
    return object?.id === CLOCK_ID ? { ...object, contents: encodeClock(clock.nowMs()) } : object
  }

  function place(object: Parameters<LocalLedger['place']>[0]): void {
    const id = normalizeId(object.id)
    const { owner } = object
    objects.set(id, {
      id,
      version: (objects.get(id)?.version ?? 0n) + 1n,
      type: normalizeType(object.type),
      owner:
        owner.kind === 'address'
          ? { kind: 'address', address: normalizeId(owner.address) }
          : owner.kind === 'object'
            ? { kind: 'object', parent: normalizeId(owner.parent) }
            : owner,
      contents: copyBytes(object.contents),
      previousTransaction: null,
    })
  }

  function view(transactionsBehind = 0): LedgerView {
    if (transactionsBehind === 0) {
      return {
        get,
        objects: () => objects.values(),
        transactions: () => transactions,
        transaction: (digest) => byDigest.get(digest),
      }
    }
    return pastView(transactionsBehind, { objects, transactions, get })
  }

  function advanceEpoch(epochs = 1): void {
    for (let i = 0; i < epochs; i++) {
      epoch++
      epochStartMs = clock.nowMs()
      for (const listener of epochListeners) listener()
    }
  }

  function keep(record: TransactionRecord): void {
    for (const { id, after } of record.changes) {
      if (after === undefined) objects.delete(id)
      else objects.set(id, after)
    }
    transactions.push(record)
    byDigest.set(record.digest, record)
  }

  const now = () => ({ epoch, timestampMs: clock.nowMs(), chainIdentifier, functions, get })

  async function execute(bytes: Uint8Array, signatures: readonly string[]): Promise<TransactionRecord> {
    const { digest, sender, gasOwner } = parseTransaction(bytes)
    await verifySignatures(bytes, signatures, [sender, gasOwner])
    const earlier = byDigest.get(digest)
    if (earlier !== undefined) return earlier
    const outOfGas = faults.peek('wallet')?.kind === 'out-of-gas'
    const { record } = runTransaction({ ...now(), bytes, signatures, mode: 'execute', outOfGas })
    if (outOfGas) faults.take('wallet')
    keep(record)
    return record
  }

  function dryRun(call: { readonly sender: string; readonly kindBytes: Uint8Array }): DryRun {
    const sender = normalizeId(call.sender)
    const digest = copyBytes(fromBase58(ZERO_DIGEST))
    try {
      const kind = bcs.TransactionKind.parse(call.kindBytes).ProgrammableTransaction
      if (kind === undefined) return { ok: false, reason: 'not a programmable transaction' }
      const inputs = resolveInputs(kind.inputs, { get, sender, checks: { versions: false, ownership: true } })
      const overlay = createOverlay({ base: get, sender, digest, epoch, timestampMs: clock.nowMs() })
      executePtb({ overlay, transaction: kind, inputs, gasCoin: undefined, functions, checks: true })
      return { ok: true, events: overlay.events }
    } catch (error) {
      if (!(error instanceof ExecutionFailure)) return { ok: false, reason: error instanceof Error ? error.message : String(error) }
      if (!('MoveAbort' in error.status)) return { ok: false, reason: error.message }
      const [location, code] = error.status.MoveAbort
      const { name } = location.module
      return { ok: false, reason: error.message, abort: { module: name, function: location.functionName ?? '', code: BigInt(code) } }
    }
  }

  function publish(rawId: string, modules: readonly Uint8Array[]): void {
    const id = normalizeId(rawId)
    if (options.vm === undefined) {
      throw new LocketError('usage/unsupported', {
        operation: 'localnet.publish',
        message: 'this ledger has no Move machine to publish to',
      })
    }
    options.vm.publish(id, modules)
    packages.set(id, modules.map(copyBytes))
  }

  return {
    chainIdentifier,
    clock,
    epochStartMs: () => epochStartMs,
    nowMs: () => clock.nowMs(),
    epoch: () => epoch,
    freshId: () => deriveObjectId(genesisDigest, idCounter++),
    get,
    place,
    placeField(field) {
      const nameType = normalizeType(field.nameType)
      const id = deriveDynamicFieldID(normalizeId(field.parent), nameType, field.name)
      place({
        id,
        type: fieldType(nameType, field.valueType),
        contents: concatBytes(bcs.Address.serialize(id).toBytes(), field.name, field.value),
        owner: { kind: 'object', parent: normalizeId(field.parent) },
      })
      return id
    },
    registerTwin: (twin) => functions.registerTwin(twin),
    onEpochChange(listener) {
      epochListeners.add(listener)
      return () => void epochListeners.delete(listener)
    },
    publish,
    dryRun,
    view,
    isPackage: (id) => packages.has(normalizeId(id)) || functions.hasPackage(id),
    describe: (packageId, module, name) => functions.describe(packageId, module, name),
    execute,
    simulate(bytes, { inspect = false } = {}) {
      return runTransaction({ ...now(), bytes, signatures: [], mode: inspect ? 'inspect' : 'simulate', outOfGas: false })
    },
    mint(address, coinType, amount) {
      const id = deriveObjectId(genesisDigest, idCounter++)
      place({
        id,
        type: coinObjectType(coinType),
        contents: encodeCoin(id, amount),
        owner: { kind: 'address', address: normalizeId(address) },
      })
      return id
    },
    advance: (ms) => clock.setOffsetMs(clock.offsetMs() + ms),
    advanceEpoch,
    snapshot: () =>
      structuredClone<LedgerSnapshot>({
        version: 1,
        epoch,
        epochStartMs,
        clockOffsetMs: clock.offsetMs(),
        idCounter,
        packages: [...packages].map(([id, modules]) => ({ id, modules: [...modules] })),
        objects: [...objects.values()],
        transactions,
      }),
    restore(snapshot) {
      if (snapshot.version !== 1) throw new LocketError('codec/unknown-version', { operation: 'localnet.restore' })
      const copy = structuredClone(snapshot)
      for (const { id, modules } of copy.packages) {
        if (modules.length > 0 && !packages.has(id)) publish(id, modules)
      }
      packages = new Map(copy.packages.map(({ id, modules }) => [id, modules]))
      objects = new Map(copy.objects.map((object) => [object.id, object]))
      transactions = [...copy.transactions]
      byDigest = new Map(transactions.map((record) => [record.digest, record]))
      epoch = copy.epoch
      epochStartMs = copy.epochStartMs
      idCounter = copy.idCounter
      clock.setOffsetMs(copy.clockOffsetMs)
    },
  }
}

/** The state before the last `behind` transactions, undone one by one on a copy of the index. */
function pastView(
  behind: number,
  present: {
    readonly objects: ReadonlyMap<string, LedgerObject>
    readonly transactions: readonly TransactionRecord[]
    readonly get: (id: string) => LedgerObject | undefined
  },
): LedgerView {
  const keptCount = Math.max(0, present.transactions.length - behind)
  const past = new Map(present.objects)
  for (let i = present.transactions.length - 1; i >= keptCount; i--) {
    for (const { id, before } of (present.transactions[i] as TransactionRecord).changes) {
      if (before === undefined) past.delete(id)
      else past.set(id, before)
    }
  }
  const transactions = present.transactions.slice(0, keptCount)
  return {
    get: (id) => (normalizeId(id) === CLOCK_ID ? present.get(id) : past.get(normalizeId(id))),
    objects: () => past.values(),
    transactions: () => transactions,
    transaction: (digest) => transactions.find((record) => record.digest === digest),
  }
}
