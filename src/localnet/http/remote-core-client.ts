import { CoreClient, ObjectError, TransactionError, type BaseClient, type SuiClientTypes } from '@mysten/sui/client'
import type { TransactionPlugin } from '@mysten/sui/transactions'
import type { RpcMethod } from './protocol.ts'

/** Calls a method of a served localnet and returns what it answered. */
export type RpcCall = (method: RpcMethod, parameters: object, signal: AbortSignal | undefined) => Promise<unknown>

type CallOptions = { readonly signal?: AbortSignal } | undefined

/** A Sui full node at the other end of a connection to `locket-localnet`. */
export class RemoteCoreClient extends CoreClient {
  readonly #rpc: RpcCall

  constructor(rpc: RpcCall) {
    super({ network: 'localnet', base: undefined as unknown as BaseClient })
    this.#rpc = rpc
  }

  async #call<T>(method: RpcMethod, options: CallOptions): Promise<T> {
    const { signal, ...parameters } = options ?? {}
    return (await this.#rpc(method, parameters, signal)) as T
  }

  async getObjects<Include extends SuiClientTypes.ObjectInclude = {}>(
    options: SuiClientTypes.GetObjectsOptions<Include>,
  ): Promise<SuiClientTypes.GetObjectsResponse<Include>> {
    const { objects } = await this.#call<SuiClientTypes.GetObjectsResponse<Include>>('getObjects', options)
    return { objects: objects.map((object) => (object instanceof Error ? reviveError(object) : object)) }
  }

  listOwnedObjects<Include extends SuiClientTypes.ObjectInclude = {}>(
    options: SuiClientTypes.ListOwnedObjectsOptions<Include>,
  ): Promise<SuiClientTypes.ListOwnedObjectsResponse<Include>> {
    return this.#call('listOwnedObjects', options)
  }

  listCoins(options: SuiClientTypes.ListCoinsOptions): Promise<SuiClientTypes.ListCoinsResponse> {
    return this.#call('listCoins', options)
  }

  getBalance(options: SuiClientTypes.GetBalanceOptions): Promise<SuiClientTypes.GetBalanceResponse> {
    return this.#call('getBalance', options)
  }

  listBalances(options: SuiClientTypes.ListBalancesOptions): Promise<SuiClientTypes.ListBalancesResponse> {
    return this.#call('listBalances', options)
  }

  getCoinMetadata(options: SuiClientTypes.GetCoinMetadataOptions): Promise<SuiClientTypes.GetCoinMetadataResponse> {
    return this.#call('getCoinMetadata', options)
  }

  async getTransaction<Include extends SuiClientTypes.TransactionInclude = {}>(
    options: SuiClientTypes.GetTransactionOptions<Include>,
  ): Promise<SuiClientTypes.TransactionResult<Include>> {
    try {
      return await this.#call('getTransaction', options)
    } catch (error) {
      if (error instanceof Error && 'reason' in error && error.reason === 'notFound') throw new TransactionError('notFound', options.digest)
      throw error
    }
  }

  executeTransaction<Include extends SuiClientTypes.TransactionInclude = {}>(
    options: SuiClientTypes.ExecuteTransactionOptions<Include>,
  ): Promise<SuiClientTypes.TransactionResult<Include>> {
    return this.#call('executeTransaction', options)
  }

  async simulateTransaction<Include extends SuiClientTypes.SimulateTransactionInclude = {}>(
    options: SuiClientTypes.SimulateTransactionOptions<Include>,
  ): Promise<SuiClientTypes.SimulateTransactionResult<Include>> {
    const { transaction } = options
    const bytes = transaction instanceof Uint8Array ? transaction : await transaction.build({ client: this })
    return this.#call('simulateTransaction', { ...options, transaction: bytes } as CallOptions)
  }

  getReferenceGasPrice(options?: SuiClientTypes.GetReferenceGasPriceOptions): Promise<SuiClientTypes.GetReferenceGasPriceResponse> {
    return this.#call('getReferenceGasPrice', options)
  }

  getCurrentSystemState(options?: SuiClientTypes.GetCurrentSystemStateOptions): Promise<SuiClientTypes.GetCurrentSystemStateResponse> {
    return this.#call('getCurrentSystemState', options)
  }

  getProtocolConfig(options?: SuiClientTypes.GetProtocolConfigOptions): Promise<SuiClientTypes.GetProtocolConfigResponse> {
    return this.#call('getProtocolConfig', options)
  }

  getChainIdentifier(options?: SuiClientTypes.GetChainIdentifierOptions): Promise<SuiClientTypes.GetChainIdentifierResponse> {
    return this.#call('getChainIdentifier', options)
  }

  listDynamicFields(options: SuiClientTypes.ListDynamicFieldsOptions): Promise<SuiClientTypes.ListDynamicFieldsResponse> {
    return this.#call('listDynamicFields', options)
  }

  listTransactions<Include extends SuiClientTypes.TransactionInclude = {}>(
    options: SuiClientTypes.ListTransactionsOptions<Include>,
  ): Promise<SuiClientTypes.ListTransactionsResponse<Include>> {
    return this.#call('listTransactions', options)
  }

  listEvents(options: SuiClientTypes.ListEventsOptions): Promise<SuiClientTypes.ListEventsResponse> {
    return this.#call('listEvents', options)
  }

  getMoveFunction(options: SuiClientTypes.GetMoveFunctionOptions): Promise<SuiClientTypes.GetMoveFunctionResponse> {
    return this.#call('getMoveFunction', options)
  }

  /** None of its own, so that the SDK resolves inputs and gas through the methods here. */
  resolveTransactionPlugin(): TransactionPlugin {
    return undefined as unknown as TransactionPlugin
  }

  async verifyZkLoginSignature(): Promise<SuiClientTypes.ZkLoginVerifyResponse> {
    return { success: false, errors: ['the localnet does not verify zkLogin signatures'] }
  }

  async defaultNameServiceName(): Promise<SuiClientTypes.DefaultNameServiceNameResponse> {
    return { data: { name: null } }
  }

  async resolveNameServiceAddress(): Promise<SuiClientTypes.ResolveNameServiceAddressResponse> {
    return { address: null }
  }
}

/** An object error as the SDK's own class, which callers look for. */
function reviveError(error: Error): Error {
  const { reason, objectId } = error as { reason?: unknown; objectId?: unknown }
  if (reason !== 'notFound' || typeof objectId !== 'string') return error
  return new ObjectError('notFound', error.message, { reason: 'notFound', objectId })
}
