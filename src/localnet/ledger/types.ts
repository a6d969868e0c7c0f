import type { Bytes } from '../../core/bytes.ts'

/** Who may use an object. Addresses and ids are `0x` and 64 hex digits throughout the localnet. */
export type Owner =
  | { readonly kind: 'address'; readonly address: string }
  | { readonly kind: 'object'; readonly parent: string }
  | { readonly kind: 'shared'; readonly initialVersion: bigint }
  | { readonly kind: 'immutable' }

/** One on-chain object. `contents` is the BCS of its Move struct, id first. */
export type LedgerObject = {
  readonly id: string
  readonly version: bigint
  /** Normalised struct tag. */
  readonly type: string
  readonly owner: Owner
  readonly contents: Bytes
  readonly previousTransaction: string | null
}

/** A value on its way between the commands of one transaction. */
export type PtbValue = {
  /** Normalised type tag; `undefined` for a pure input whose type the callee decides. */
  readonly type: string | undefined
  readonly bcs: Bytes
  /** Set when the value is an object: an input, or one created by an earlier command. */
  readonly objectId?: string | undefined
}

export type LedgerEvent = { readonly type: string; readonly bcs: Bytes }

/**
 * What a function running inside a transaction may do. All effects go to the
 * transaction's overlay: they are kept whole or dropped whole.
 */
export type ExecutionContext = {
  readonly sender: string
  readonly digest: Bytes
  readonly epoch: number
  readonly timestampMs: number
  /** A fresh object id, derived as Sui does: blake2b256(0xf1 || digest || u64 counter). */
  freshId(): string
  get(id: string): LedgerObject | undefined
  /** Writes an object that exists, or creates one. `owner: undefined` means created but not yet placed: it must be transferred, shared, frozen or deleted before the transaction ends. */
  write(object: { readonly id: string; readonly type: string; readonly contents: Uint8Array; readonly owner?: Owner | undefined }): void
  delete(id: string): void
  emit(event: LedgerEvent): void
  /** Ends the transaction with a Move abort, as the named function would. */
  abort(location: { readonly packageId: string; readonly module: string; readonly function: string }, code: number | bigint): never
}

/** The type of one parameter, as `getMoveFunction` reports it. */
export type ParameterType = {
  readonly reference: 'mutable' | 'immutable' | null
  /** `u8`…`u256`, `bool`, `address`, `vector<…>`, a struct tag, or `T0`, `T1`, … for type parameters. */
  readonly body: string
}

/**
 * A TypeScript stand-in for one Move function. Used for Walrus's system
 * package and a few framework coins only: Seal policies are never twins, they
 * run as compiled bytecode.
 */
export type Twin = {
  readonly packageId: string
  readonly module: string
  readonly function: string
  readonly typeParameters?: number | undefined
  readonly parameters: readonly ParameterType[]
  run(context: ExecutionContext, args: readonly PtbValue[], typeArguments: readonly string[]): readonly PtbValue[]
}

/** What the other parts of the localnet need of the ledger. */
export type Ledger = {
  nowMs(): number
  epoch(): number
  /** A fresh id outside any transaction, for genesis objects. */
  freshId(): string
  get(id: string): LedgerObject | undefined
  /** Places an object without a transaction, at its next version: genesis, faucet and end of epoch only. */
  place(object: { readonly id: string; readonly type: string; readonly contents: Uint8Array; readonly owner: Owner }): void
  /** Places `0x2::dynamic_field::Field<nameType, valueType>` under `parent`; returns its id. */
  placeField(field: {
    readonly parent: string
    readonly nameType: string
    readonly name: Uint8Array
    readonly valueType: string
    readonly value: Uint8Array
  }): string
  registerTwin(twin: Twin): void
  /** Calls `listener` once for each epoch that begins. Returns how to stop. */
  onEpochChange(listener: () => void): () => void
  /** Publishes compiled Move modules under a fixed package id. */
  publish(packageId: string, modules: readonly Uint8Array[]): void
  /**
   * Runs commands against the latest state without keeping anything and
   * without checking signatures, object versions or gas: what a key server's dry run does.
   */
  dryRun(call: { readonly sender: string; readonly kindBytes: Uint8Array }): DryRun
}

export type DryRun =
  | { readonly ok: true; readonly events: readonly LedgerEvent[] }
  | {
      readonly ok: false
      readonly reason: string
      readonly abort?: { readonly module: string; readonly function: string; readonly code: bigint } | undefined
    }
