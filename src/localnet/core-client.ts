import { CoreClient, ObjectError, TransactionError, type BaseClient, type CoreClientOptions, type SuiClientTypes } from '@mysten/sui/client'
import type { TransactionPlugin } from '@mysten/sui/transactions'
import { systemClock, type Clock } from '../core/capabilities.ts'
import { copyBytes, utf8, type Bytes } from '../core/bytes.ts'
import { toDynamicField } from './client/dynamic-fields.ts'
import { pageById, pageOfLog } from './client/paging.ts'
import { toCoin, toEvent, toObject, toPackage, toTransactionResult } from './client/shapes.ts'
import type { Faults } from './faults.ts'
import { playHostFault } from './host-fault.ts'
import { coinObjectType, coinTypeOf, normalizeId, normalizeType, SUI_COIN, ZERO_DIGEST } from './ledger/framework.ts'
import { REFERENCE_GAS_PRICE } from './ledger/gas.ts'
import type { LedgerView, LocalLedger } from './ledger/local-ledger.ts'
import { toOpenSignature } from './ledger/signature.ts'
import { encodeTaggedJson } from './tagged-json.ts'
import type { LedgerObject } from './ledger/types.ts'

export type LocalCoreClientOptions = {
  /** Default `localnet`. `testnet` and `mainnet` make the SDK ask public name services; do not use them. */
  readonly network?: string | undefined
  /** `full-node` and `wallet` faults act here. */
  readonly faults?: Faults | undefined
  /** Whose time a `slow` full node takes. Defaults to the ledger's clock. */
  readonly clock?: Clock | undefined
  /**
   * Told of every call before it is answered, for tests and monitors. `body` is
   * what a wire would carry: a transaction's own bytes, otherwise JSON.
   */
  readonly onCall?: ((method: string, body: Bytes) => void) | undefined
}

/** What the calls have in common, as far as {@link LocalCoreClient} looks at it. */
type Request = { readonly signal?: AbortSignal | undefined; readonly transaction?: Uint8Array | undefined }

const PROTOCOL_VERSION = '100'

/**
 * A Sui full node in this process. Whatever takes a `ClientWithCoreApi` runs on
 * it unchanged: the transaction builder, `@mysten/seal`, `@mysten/walrus`.
 *
 * Not there: zkLogin, name services, Move registry names, JSON renderings of
 * objects and events (`json` is `null`), mutated references of simulations.
 */
export class LocalCoreClient extends CoreClient {
  readonly #ledger: LocalLedger
  readonly #faults: Faults | undefined
  readonly #clock: Clock
  readonly #onCall: LocalCoreClientOptions['onCall']

  constructor(ledger: LocalLedger, options: LocalCoreClientOptions = {}) {
    // The base client of a client of its own is itself; the SDK's type asks for one although its code does not.
    super({ network: options.network ?? 'localnet', base: undefined as unknown as BaseClient } satisfies CoreClientOptions)
    this.#ledger = ledger
    this.#faults = options.faults
    this.#clock = options.clock ?? ledger.clock ?? systemClock()
    this.#onCall = options.onCall
  }

  /** Begins a call: counts it, plays the full node's fault, and says from which state to answer. */
  async #read(method: string, request: Request = {}): Promise<LedgerView> {
    const { signal, transaction, ...rest } = request
    signal?.throwIfAborted()
    this.#onCall?.(method, transaction === undefined ? utf8(encodeTaggedJson(rest)) : copyBytes(transaction))
    const fault = this.#faults?.take('full-node')
    await playHostFault(fault, this.#clock, signal)
    signal?.throwIfAborted()
    return this.#ledger.view(fault?.kind === 'stale' ? fault.transactions : 0)
  }

  /** Whether a wallet fault hides coins of this object type. */
  #isHidden(object: LedgerObject): boolean {
    const kind = this.#faults?.peek('wallet')?.kind
    const coin = coinTypeOf(object.type)
    return (kind === 'no-sui' && coin === SUI_COIN) || (kind === 'no-wal' && coin?.endsWith('::wal::WAL') === true)
  }

  #owned(view: LedgerView, owner: string, type?: string): LedgerObject[] {
    const address = normalizeId(owner)
    const out: LedgerObject[] = []
    for (const object of view.objects()) {
      if (object.owner.kind !== 'address' || object.owner.address !== address) continue
      if (type !== undefined && !matchesType(object.type, type)) continue
      if (!this.#isHidden(object)) out.push(object)
    }
    return out
  }

  async getObjects<Include extends SuiClientTypes.ObjectInclude = {}>(
    options: SuiClientTypes.GetObjectsOptions<Include>,
  ): Promise<SuiClientTypes.GetObjectsResponse<Include>> {
    const view = await this.#read('getObjects', options)
    const objects = options.objectIds.map((raw) => {
      const id = normalizeId(raw)
      const object = view.get(id)
      if (object !== undefined) return toObject<Include>(object, options.include)
      if (this.#ledger.isPackage(id)) return toPackage<Include>(id, ZERO_DIGEST)
      return new ObjectError('notFound', `Object ${id} not found`, { reason: 'notFound', objectId: id })
    })
    return { objects }
  }

  async listOwnedObjects<Include extends SuiClientTypes.ObjectInclude = {}>(
    options: SuiClientTypes.ListOwnedObjectsOptions<Include>,
  ): Promise<SuiClientTypes.ListOwnedObjectsResponse<Include>> {
    const view = await this.#read('listOwnedObjects', options)
    const { page, ...rest } = pageById(this.#owned(view, options.owner, options.type), (object) => object.id, options)
    return { objects: page.map((object) => toObject<Include>(object, options.include)), ...rest }
  }

  async listCoins(options: SuiClientTypes.ListCoinsOptions): Promise<SuiClientTypes.ListCoinsResponse> {
    const view = await this.#read('listCoins', options)
    const coins = this.#owned(view, options.owner, coinObjectType(options.coinType ?? SUI_COIN))
    const { page, ...rest } = pageById(coins, (object) => object.id, options)
    return { objects: page.map(toCoin), ...rest }
  }

  async getBalance(options: SuiClientTypes.GetBalanceOptions): Promise<SuiClientTypes.GetBalanceResponse> {
    const view = await this.#read('getBalance', options)
    const coinType = normalizeType(options.coinType ?? SUI_COIN)
    return { balance: toBalance(coinType, this.#owned(view, options.owner, coinObjectType(coinType))) }
  }

  async listBalances(options: SuiClientTypes.ListBalancesOptions): Promise<SuiClientTypes.ListBalancesResponse> {
    const view = await this.#read('listBalances', options)
    const byType = new Map<string, LedgerObject[]>()
    for (const object of this.#owned(view, options.owner)) {
      const coinType = coinTypeOf(object.type)
      if (coinType !== undefined) byType.set(coinType, [...(byType.get(coinType) ?? []), object])
    }
    const balances = [...byType].map(([coinType, coins]) => toBalance(coinType, coins))
    const { page, ...rest } = pageById(balances, (balance) => balance.coinType, options)
    return { balances: page, ...rest }
  }

  async getCoinMetadata(options: SuiClientTypes.GetCoinMetadataOptions): Promise<SuiClientTypes.GetCoinMetadataResponse> {
    await this.#read('getCoinMetadata', options)
    const coinType = normalizeType(options.coinType)
    const symbol = coinType.split('::').at(-1) ?? ''
    if (coinType !== SUI_COIN && symbol !== 'WAL') return { coinMetadata: null }
    return { coinMetadata: { id: null, decimals: 9, name: symbol, symbol, description: '', iconUrl: null } }
  }

  async getTransaction<Include extends SuiClientTypes.TransactionInclude = {}>(
    options: SuiClientTypes.GetTransactionOptions<Include>,
  ): Promise<SuiClientTypes.TransactionResult<Include>> {
    const view = await this.#read('getTransaction', options)
    const record = view.transaction(options.digest)
    if (record === undefined) throw new TransactionError('notFound', options.digest)
    return toTransactionResult<Include>(record, options.include, { isFinal: true, checkpoint: view.transactions().indexOf(record) + 1 })
  }

  async executeTransaction<Include extends SuiClientTypes.TransactionInclude = {}>(
    options: SuiClientTypes.ExecuteTransactionOptions<Include>,
  ): Promise<SuiClientTypes.TransactionResult<Include>> {
    await this.#read('executeTransaction', options)
    const record = await this.#ledger.execute(options.transaction, options.signatures)
    return toTransactionResult<Include>(record, options.include, { isFinal: false, checkpoint: 0 })
  }

  async simulateTransaction<Include extends SuiClientTypes.SimulateTransactionInclude = {}>(
    options: SuiClientTypes.SimulateTransactionOptions<Include>,
  ): Promise<SuiClientTypes.SimulateTransactionResult<Include>> {
    const { transaction, include } = options
    const bytes = transaction instanceof Uint8Array ? transaction : await transaction.build({ client: this })
    await this.#read('simulateTransaction', { transaction: bytes, signal: options.signal })
    const { record, results } = this.#ledger.simulate(bytes, { inspect: options.checksEnabled === false })
    const commandResults = include?.commandResults
      ? results.map((values) => ({ returnValues: values.map((value) => ({ bcs: copyBytes(value.bcs) })), mutatedReferences: [] }))
      : undefined
    return {
      ...toTransactionResult<Include>(record, include, { isFinal: false, checkpoint: 0 }),
      commandResults,
    } as SuiClientTypes.SimulateTransactionResult<Include>
  }

  async getReferenceGasPrice(options?: SuiClientTypes.GetReferenceGasPriceOptions): Promise<SuiClientTypes.GetReferenceGasPriceResponse> {
    await this.#read('getReferenceGasPrice', options)
    return { referenceGasPrice: String(REFERENCE_GAS_PRICE) }
  }

  async getCurrentSystemState(
    options?: SuiClientTypes.GetCurrentSystemStateOptions,
  ): Promise<SuiClientTypes.GetCurrentSystemStateResponse> {
    await this.#read('getCurrentSystemState', options)
    return { systemState: systemState(this.#ledger.epoch(), this.#ledger.epochStartMs()) }
  }

  async getProtocolConfig(options?: SuiClientTypes.GetProtocolConfigOptions): Promise<SuiClientTypes.GetProtocolConfigResponse> {
    await this.#read('getProtocolConfig', options)
    return { protocolConfig: { protocolVersion: PROTOCOL_VERSION, featureFlags: {}, attributes: {} } }
  }

  async getChainIdentifier(options?: SuiClientTypes.GetChainIdentifierOptions): Promise<SuiClientTypes.GetChainIdentifierResponse> {
    await this.#read('getChainIdentifier', options)
    return { chainIdentifier: this.#ledger.chainIdentifier }
  }

  async listDynamicFields(options: SuiClientTypes.ListDynamicFieldsOptions): Promise<SuiClientTypes.ListDynamicFieldsResponse> {
    const view = await this.#read('listDynamicFields', options)
    const parent = normalizeId(options.parentId)
    const children = [...view.objects()].filter(({ owner }) => owner.kind === 'object' && owner.parent === parent)
    const { page, ...rest } = pageById(children, (object) => object.id, options)
    return { dynamicFields: page.flatMap((field) => toDynamicField(parent, field) ?? []), ...rest }
  }

  async listTransactions<Include extends SuiClientTypes.TransactionInclude = {}>(
    options: SuiClientTypes.ListTransactionsOptions<Include>,
  ): Promise<SuiClientTypes.ListTransactionsResponse<Include>> {
    const view = await this.#read('listTransactions', options)
    const { filter } = options
    const entries = view.transactions().flatMap((record, i) => {
      if (filter?.sender !== undefined && record.sender !== normalizeId(filter.sender)) return []
      if (filter?.function !== undefined && !record.calls.some((call) => isPathPrefix(filter.function, call))) return []
      return [{ position: String(i), item: { record, checkpoint: i + 1 } }]
    })
    const { page, ...rest } = pageOfLog(entries, options)
    return {
      transactions: page.map(({ record, checkpoint }) =>
        toTransactionResult<Include>(record, options.include, { isFinal: true, checkpoint }),
      ),
      ...rest,
    }
  }

  async listEvents(options: SuiClientTypes.ListEventsOptions): Promise<SuiClientTypes.ListEventsResponse> {
    const view = await this.#read('listEvents', options)
    const { filter } = options
    const entries = view.transactions().flatMap((record, i) =>
      record.events.flatMap((event, eventIndex) => {
        if (filter?.sender !== undefined && record.sender !== normalizeId(filter.sender)) return []
        if (filter?.emitModule !== undefined && !isPathPrefix(filter.emitModule, event.type)) return []
        if (filter?.eventType !== undefined && !isPathPrefix(filter.eventType, event.type)) return []
        const entry = { ...toEvent(event), checkpoint: String(i + 1), transactionDigest: record.digest, eventIndex }
        return [{ position: `${i}.${eventIndex}`, item: entry }]
      }),
    )
    const { page, ...rest } = pageOfLog(entries, options)
    return { events: page, ...rest }
  }

  /** None of its own: the SDK then resolves inputs and gas with its generic plugin, through the methods here. */
  resolveTransactionPlugin(): TransactionPlugin {
    return undefined as unknown as TransactionPlugin
  }

  async verifyZkLoginSignature(): Promise<SuiClientTypes.ZkLoginVerifyResponse> {
    return { success: false, errors: ['the localnet does not verify zkLogin signatures'] }
  }

  async getMoveFunction(options: SuiClientTypes.GetMoveFunctionOptions): Promise<SuiClientTypes.GetMoveFunctionResponse> {
    await this.#read('getMoveFunction', options)
    const packageId = normalizeId(options.packageId)
    const { moduleName, name } = options
    const info = this.#ledger.describe(packageId, moduleName, name)
    if (info === undefined) {
      throw new ObjectError('notFound', `Function ${packageId}::${moduleName}::${name} not found`, {
        reason: 'notFound',
        objectId: packageId,
      })
    }
    return {
      function: {
        packageId,
        moduleName,
        name,
        visibility: info.visibility,
        isEntry: info.isEntry,
        typeParameters: Array.from({ length: info.typeParameters }, () => ({ constraints: [], isPhantom: false })),
        parameters: info.parameters.map(toOpenSignature),
        returns: info.returns.map(toOpenSignature),
      },
    }
  }

  async defaultNameServiceName(): Promise<SuiClientTypes.DefaultNameServiceNameResponse> {
    return { data: { name: null } }
  }

  async resolveNameServiceAddress(): Promise<SuiClientTypes.ResolveNameServiceAddressResponse> {
    return { address: null }
  }
}

/** A type filter names a whole type, or a generic one without its arguments to mean all of them. */
function matchesType(type: string, filter: string): boolean {
  const wanted = normalizeType(filter)
  return type === wanted || (!wanted.includes('<') && type.startsWith(`${wanted}<`))
}

/** Whether `filter` (`package`, `package::module`, …) is `path` or a prefix of it at a `::` or `<`. */
function isPathPrefix(filter: string, path: string): boolean {
  const [first = '', ...rest] = filter.split('::')
  const wanted = [normalizeId(first), ...rest].join('::')
  return path === wanted || path.startsWith(`${wanted}::`) || path.startsWith(`${wanted}<`)
}

function toBalance(coinType: string, coins: readonly LedgerObject[]): SuiClientTypes.Balance {
  const total = coins.reduce((sum, coin) => sum + BigInt(toCoin(coin).balance), 0n)
  return { coinType, balance: String(total), coinBalance: String(total), addressBalance: '0' }
}

function systemState(epoch: number, epochStartMs: number): SuiClientTypes.SystemStateInfo {
  return {
    systemStateVersion: '2',
    epoch: String(epoch),
    protocolVersion: PROTOCOL_VERSION,
    referenceGasPrice: String(REFERENCE_GAS_PRICE),
    epochStartTimestampMs: String(epochStartMs),
    safeMode: false,
    safeModeStorageRewards: '0',
    safeModeComputationRewards: '0',
    safeModeStorageRebates: '0',
    safeModeNonRefundableStorageFee: '0',
    parameters: {
      epochDurationMs: '86400000',
      stakeSubsidyStartEpoch: '0',
      maxValidatorCount: '1',
      minValidatorJoiningStake: '0',
      validatorLowStakeThreshold: '0',
      validatorLowStakeGracePeriod: '0',
    },
    storageFund: { totalObjectStorageRebates: '0', nonRefundableBalance: '0' },
    stakeSubsidy: {
      balance: '0',
      distributionCounter: '0',
      currentDistributionAmount: '0',
      stakeSubsidyPeriodLength: '0',
      stakeSubsidyDecreaseRate: 0,
    },
  }
}
