import { bcs } from '@mysten/sui/bcs'
import { TransactionDataBuilder } from '@mysten/sui/transactions'
import { fromBase58 } from '@mysten/sui/utils'
import { copyBytes, type Bytes } from '../../core/bytes.ts'
import { encodeEffects, type EmittedEvent, type ObjectChange } from './effects.ts'
import { executePtb } from './execute-ptb.ts'
import { ExecutionFailure, TransactionRejection } from './failure.ts'
import { CLOCK_ID, coinBalance, coinObjectType, encodeCoin, normalizeId, SUI_COIN } from './framework.ts'
import type { FunctionTable } from './functions.ts'
import { exhaustedGas, GAS_COST, MAX_GAS_BUDGET, MIN_GAS_BUDGET, REFERENCE_GAS_PRICE, totalGas } from './gas.ts'
import { checkVersion, resolveInputs, type ProgrammableTransaction, type ResolvedInput } from './inputs.ts'
import { createOverlay, deriveObjectId, type Overlay } from './overlay.ts'
import type { LedgerObject, PtbValue } from './types.ts'

/** What is left of a transaction after it ran. Plain data. */
export type TransactionRecord = {
  readonly digest: string
  readonly bytes: Bytes
  readonly signatures: readonly string[]
  readonly sender: string
  readonly epoch: number
  readonly timestampMs: number
  readonly effects: Bytes
  /** Why it failed in words, where the effects only have a code. */
  readonly failureDetail: string | undefined
  readonly succeeded: boolean
  readonly events: readonly EmittedEvent[]
  readonly changes: readonly ObjectChange[]
  /** `package::module::function` of every Move call. */
  readonly calls: readonly string[]
}

export type RunResult = { readonly record: TransactionRecord; readonly results: readonly (readonly PtbValue[])[] }

/** The parsed parts of transaction bytes the localnet works with. */
export type ParsedTransaction = {
  readonly digest: string
  readonly sender: string
  readonly gasOwner: string
  readonly kind: ProgrammableTransaction
  readonly data: Extract<typeof bcs.TransactionData.$inferType, { $kind: 'V1' }>['V1']
}

/** @throws {TransactionRejection} `malformed` for bytes that are no transaction, `unsupported` for system transactions. */
export function parseTransaction(bytes: Uint8Array): ParsedTransaction {
  let data: ParsedTransaction['data']
  try {
    data = bcs.TransactionData.parse(bytes).V1
  } catch (cause) {
    throw new TransactionRejection('malformed', `not transaction data: ${cause instanceof Error ? cause.message : String(cause)}`)
  }
  const kind = data.kind.ProgrammableTransaction
  if (kind === undefined) throw new TransactionRejection('unsupported', `the localnet runs no ${data.kind.$kind} transactions`)
  return {
    digest: TransactionDataBuilder.getDigestFromBytes(bytes),
    sender: normalizeId(data.sender),
    gasOwner: normalizeId(data.gasData.owner),
    kind,
    data,
  }
}

/**
 * Checks and runs one transaction against `get`, changing nothing: the caller
 * keeps or drops the returned changes. Signatures are the caller's business.
 *
 * @param run.mode - `execute` checks everything. `simulate` pays from an imagined coin when the
 *   transaction names none. `inspect` also ignores ownership and function visibility.
 * @throws {TransactionRejection} if a validator would not have run it.
 */
export function runTransaction(run: {
  readonly bytes: Uint8Array
  readonly signatures: readonly string[]
  readonly mode: 'execute' | 'simulate' | 'inspect'
  readonly get: (id: string) => LedgerObject | undefined
  readonly functions: FunctionTable
  readonly epoch: number
  readonly timestampMs: number
  readonly chainIdentifier: string
  readonly outOfGas: boolean
}): RunResult {
  const parsed = parseTransaction(run.bytes)
  const { digest, sender, kind, data } = parsed
  checkExpiration(data.expiration, run)
  const inputs = resolveInputs(kind.inputs, {
    get: run.get,
    sender,
    checks: { versions: true, ownership: run.mode !== 'inspect' },
  })
  const budget = BigInt(data.gasData.budget)
  const payment = resolvePayment(parsed, inputs, run)

  const overlay = (): Overlay =>
    createOverlay({ base: run.get, sender, digest: copyBytes(fromBase58(digest)), epoch: run.epoch, timestampMs: run.timestampMs })
  // The budget is set aside first, so that no command can spend the gas it runs on.
  const [gasCoin, ...smashed] = payment
  const total = payment.reduce((sum, coin) => sum + coinBalance(coin.contents), 0n)
  const mockedCoin = gasCoin === undefined ? deriveObjectId(copyBytes(fromBase58(digest)), 2n ** 64n - 1n) : undefined
  const open = (): Overlay => {
    const opened = overlay()
    for (const coin of smashed) opened.context.delete(coin.id)
    const id = gasCoin?.id ?? mockedCoin
    if (id !== undefined) {
      const contents = encodeCoin(id, gasCoin === undefined ? 10n ** 18n : total - budget)
      opened.context.write({ id, type: coinObjectType(SUI_COIN), contents, owner: { kind: 'address', address: parsed.gasOwner } })
    }
    return opened
  }

  let state = open()
  let failure: ExecutionFailure | undefined
  let results: PtbValue[][] = []
  let gas = GAS_COST
  try {
    results = executePtb({
      overlay: state,
      transaction: kind,
      inputs,
      gasCoin: gasCoin?.id ?? mockedCoin,
      functions: run.functions,
      checks: run.mode !== 'inspect',
    })
    if (run.outOfGas || totalGas(gas) > budget) throw new ExecutionFailure({ InsufficientGas: true })
  } catch (error) {
    if (!(error instanceof ExecutionFailure)) throw error
    failure = error
    state = open()
    results = []
    if ('InsufficientGas' in error.status) gas = exhaustedGas(budget)
  }
  if (gasCoin !== undefined) refundGas(state, gasCoin.id, budget - totalGas(gas))
  if (mockedCoin !== undefined) state.context.delete(mockedCoin)

  const touched = [...inputs.flatMap((input) => (input.kind === 'pure' ? [] : [input.object])), ...payment]
  const lamport = 1n + touched.reduce((max, object) => (object.version > max ? object.version : max), 0n)
  const changes = collectChanges({ state, inputs, payment, get: run.get, lamport, digest })
  const events = failure === undefined ? state.events.map((event) => emitted(event, sender)) : []
  const effects = encodeEffects({
    failure,
    epoch: run.epoch,
    gas,
    digest,
    gasObject: gasCoin?.id,
    events,
    dependencies: [...new Set(touched.flatMap((object) => object.previousTransaction ?? []))].toSorted(),
    lamport,
    changes,
    unchangedShared: inputs.flatMap((input) => (input.kind === 'object' && input.access === 'shared-readonly' ? [input.object] : [])),
  })
  const record: TransactionRecord = {
    digest,
    bytes: copyBytes(run.bytes),
    signatures: [...run.signatures],
    sender,
    epoch: run.epoch,
    timestampMs: run.timestampMs,
    effects,
    failureDetail: failure?.message,
    succeeded: failure === undefined,
    events,
    changes,
    calls: kind.commands.flatMap(({ MoveCall: call }) => (call ? [`${normalizeId(call.package)}::${call.module}::${call.function}`] : [])),
  }
  return { record, results }
}

type Expiration = ParsedTransaction['data']['expiration']

function checkExpiration(expiration: Expiration, now: { readonly epoch: number; readonly chainIdentifier: string }): void {
  const window = expiration.ValidDuring ?? expiration.Validity
  const lastEpoch = expiration.Epoch ?? (window?.maxEpoch == null ? undefined : Number(window.maxEpoch))
  const firstEpoch = window?.minEpoch == null ? undefined : Number(window.minEpoch)
  if (lastEpoch !== undefined && now.epoch > lastEpoch) throw new TransactionRejection('expired', 'Transaction Expired')
  if (firstEpoch !== undefined && now.epoch < firstEpoch) throw new TransactionRejection('expired', 'Transaction is not valid yet')
  if (window !== undefined && window.chain !== now.chainIdentifier) {
    throw new TransactionRejection('expired', 'Transaction is meant for another chain')
  }
}

/** The gas coins, checked: owned by who pays, current, and worth the budget. None in a simulation that names none. */
function resolvePayment(
  parsed: ParsedTransaction,
  inputs: readonly ResolvedInput[],
  run: { readonly mode: string; readonly get: (id: string) => LedgerObject | undefined },
): LedgerObject[] {
  const { gasData } = parsed.data
  const budget = BigInt(gasData.budget)
  if (BigInt(gasData.price) < REFERENCE_GAS_PRICE) {
    throw new TransactionRejection('gas', `Gas price ${gasData.price} under reference gas price (RGP) ${REFERENCE_GAS_PRICE}`)
  }
  if (budget < MIN_GAS_BUDGET) throw new TransactionRejection('gas', `Gas budget: ${budget} is lower than min: ${MIN_GAS_BUDGET}`)
  if (budget > MAX_GAS_BUDGET) throw new TransactionRejection('gas', `Gas budget: ${budget} is higher than max: ${MAX_GAS_BUDGET}`)
  if (gasData.payment.length === 0) {
    if (run.mode !== 'execute') return []
    throw new TransactionRejection('gas', 'No gas payment: the localnet has no address balances to pay from')
  }
  const named = new Set(inputs.flatMap((input) => (input.kind === 'pure' ? [] : [input.object.id])))
  const coins = gasData.payment.map((reference) => {
    const id = normalizeId(reference.objectId)
    if (named.has(id)) throw new TransactionRejection('malformed', `Mutable object ${id} cannot appear more than one in one transaction`)
    named.add(id)
    const coin = run.get(id)
    if (coin === undefined) {
      throw new TransactionRejection(
        'not-found',
        `Could not find the referenced object ${id} at version Some(SequenceNumber(${reference.version}))`,
      )
    }
    checkVersion(coin, BigInt(reference.version), reference.digest)
    if (coin.type !== coinObjectType(SUI_COIN)) throw new TransactionRejection('gas', `Gas object ${id} is not a Coin<SUI>`)
    if (coin.owner.kind !== 'address' || coin.owner.address !== parsed.gasOwner) {
      throw new TransactionRejection('not-owner', `Gas object ${id} is not owned by ${parsed.gasOwner}, who pays for gas`)
    }
    return coin
  })
  const balance = coins.reduce((sum, coin) => sum + coinBalance(coin.contents), 0n)
  if (balance < budget) {
    throw new TransactionRejection('gas', `Balance of gas object ${balance} is lower than the needed amount: ${budget}`)
  }
  return coins
}

function refundGas(state: Overlay, id: string, amount: bigint): void {
  const coin = state.context.get(id)
  // The gas coin may have been transferred, never destroyed: nothing takes it by value but TransferObjects.
  if (coin === undefined) throw new ExecutionFailure({ InvariantViolation: true }, { detail: 'the gas coin is gone' })
  state.context.write({ id, type: coin.type, contents: encodeCoin(id, coinBalance(coin.contents) + amount) })
}

/** Every object whose version moves: written, removed, owned inputs and mutable shared inputs. */
function collectChanges(from: {
  readonly state: Overlay
  readonly inputs: readonly ResolvedInput[]
  readonly payment: readonly LedgerObject[]
  readonly get: (id: string) => LedgerObject | undefined
  readonly lamport: bigint
  readonly digest: string
}): ObjectChange[] {
  const { state, lamport } = from
  const ids = new Set([...state.written.keys(), ...state.deleted, ...from.payment.map((coin) => coin.id)])
  for (const input of from.inputs) {
    if (input.kind === 'object' && (input.access === 'owned' || input.access === 'shared-mutable')) ids.add(input.object.id)
  }
  ids.delete(CLOCK_ID)
  return [...ids].toSorted().map((id): ObjectChange => {
    const before = from.get(id)
    if (state.deleted.has(id)) return { id, before, after: undefined, idOperation: 'Deleted' }
    const pending = state.written.get(id)
    const source = pending ?? before
    const placed = state.ownerOf(id)
    if (source === undefined || placed === undefined) {
      throw new ExecutionFailure({ InvariantViolation: true }, { detail: `object ${id} has no place` })
    }
    const becameShared = placed.kind === 'shared' && before?.owner.kind !== 'shared'
    const after: LedgerObject = {
      id,
      version: lamport,
      type: source.type,
      owner: becameShared ? { kind: 'shared', initialVersion: lamport } : placed,
      contents: source.contents,
      previousTransaction: from.digest,
    }
    return { id, before, after, idOperation: before === undefined && state.isFresh(id) ? 'Created' : 'None' }
  })
}

function emitted(event: { readonly type: string; readonly bcs: Bytes }, sender: string): EmittedEvent {
  const [packageId = '', module = ''] = event.type.split('::')
  return { ...event, packageId, module, sender }
}
