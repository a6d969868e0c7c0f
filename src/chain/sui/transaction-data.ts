import { toBase58 } from '@mysten/bcs'
import { byteReader, type ByteReader } from '../../core/byte-reader.ts'
import { copyBytes, type Bytes } from '../../core/bytes.ts'
import { LocketError } from '../../core/errors.ts'
import { readAddress, readIdentifier, readTypeTag } from './type-tag.ts'

/** Largest transaction Sui takes, in bytes (`max_tx_size_bytes` of its protocol configuration). */
export const MAX_TRANSACTION_BYTES: number = 128 * 1024

/** Most commands of a transaction (`max_programmable_tx_commands`). */
const MAX_COMMANDS = 1024

/** One version of an object. `digest` is base58 and commits to its contents. */
export type ObjectRef = { readonly objectId: string; readonly version: bigint; readonly digest: string }

export type Input =
  | { readonly kind: 'pure'; readonly bytes: Bytes }
  | { readonly kind: 'object'; readonly ref: ObjectRef }
  | { readonly kind: 'shared'; readonly objectId: string }
  | { readonly kind: 'receiving'; readonly ref: ObjectRef }
  /** From an address balance. */
  | { readonly kind: 'withdrawal' }

/** Where a command takes a value from. `index` is `undefined` for the only result of a command. */
export type Source =
  | { readonly kind: 'gas' }
  | { readonly kind: 'input'; readonly input: number }
  | { readonly kind: 'result'; readonly command: number; readonly index: number | undefined }

export type MoveCall = {
  readonly kind: 'call'
  readonly packageId: string
  readonly module: string
  readonly function: string
  readonly typeArguments: readonly string[]
  readonly arguments: readonly Source[]
}

export type Command =
  | MoveCall
  | { readonly kind: 'transfer'; readonly objects: readonly Source[]; readonly address: Source }
  | { readonly kind: 'split'; readonly coin: Source; readonly amounts: readonly Source[] }
  | { readonly kind: 'merge'; readonly destination: Source; readonly sources: readonly Source[] }
  | { readonly kind: 'vector'; readonly elements: readonly Source[] }
  | { readonly kind: 'publish' }
  | { readonly kind: 'upgrade'; readonly packageId: string }

/** When a transaction may run; a bound that is `undefined` is not set. Times are inclusive, in milliseconds since 1970. */
export type Expiration = {
  readonly minEpoch?: bigint | undefined
  readonly maxEpoch?: bigint | undefined
  readonly minTimestampMs?: bigint | undefined
  readonly maxTimestampMs?: bigint | undefined
}

/** What a decoder needs of `TransactionData`. */
export type TransactionData = {
  readonly inputs: readonly Input[]
  readonly commands: readonly Command[]
  readonly sender: string
  readonly gasOwner: string
  readonly gasPayment: readonly ObjectRef[]
  /** MIST for a unit of computation. */
  readonly gasPrice: bigint
  readonly gasBudgetMist: bigint
  readonly expiration: Expiration
}

const OPERATION = 'chain.sui.decode'

/**
 * A programmable transaction from its canonical BCS bytes, `TransactionData` of
 * `sui-types/src/transaction.rs`, without an intent prefix. Nothing is left over
 * and nothing has a second spelling.
 *
 * @throws {LocketError} `codec/invalid` for malformed bytes and every other kind of transaction,
 * `codec/truncated`, `codec/trailing-bytes`, `codec/unknown-version`, `codec/too-large` above {@link MAX_TRANSACTION_BYTES}.
 */
export function readTransactionData(bytes: Uint8Array): TransactionData {
  if (bytes.length > MAX_TRANSACTION_BYTES) {
    throw new LocketError('codec/too-large', { operation: OPERATION, details: { limitBytes: MAX_TRANSACTION_BYTES } })
  }
  const reader = byteReader(bytes, OPERATION)
  if (reader.uleb() !== 0) throw new LocketError('codec/unknown-version', { operation: OPERATION })
  if (reader.uleb() !== 0) throw invalid('only programmable transactions are decoded')
  const inputs = many(reader, readInput)
  const commands = many(reader, readCommand)
  if (commands.length > MAX_COMMANDS) throw invalid('too many commands')
  const sender = readAddress(reader)
  const gasPayment = many(reader, readRef)
  const gasOwner = readAddress(reader)
  const gasPrice = reader.u64()
  const gasBudgetMist = reader.u64()
  const expiration = readExpiration(reader)
  reader.end()
  return { inputs, commands, sender, gasOwner, gasPayment, gasPrice, gasBudgetMist, expiration }
}

function readInput(reader: ByteReader): Input {
  switch (reader.uleb()) {
    case 0:
      return { kind: 'pure', bytes: copyBytes(reader.take(reader.uleb())) }
    case 1:
      return readObject(reader)
    case 2:
      readWithdrawal(reader)
      return { kind: 'withdrawal' }
    default:
      throw invalid('not a kind of input')
  }
}

function readObject(reader: ByteReader): Input {
  switch (reader.uleb()) {
    case 0:
      return { kind: 'object', ref: readRef(reader) }
    case 1: {
      const objectId = readAddress(reader)
      reader.u64()
      reader.flag()
      return { kind: 'shared', objectId }
    }
    case 2:
      return { kind: 'receiving', ref: readRef(reader) }
    default:
      throw invalid('not a kind of object')
  }
}

function readWithdrawal(reader: ByteReader): void {
  if (reader.uleb() !== 0) throw invalid('not a kind of reservation')
  reader.u64()
  if (reader.uleb() !== 0) throw invalid('not a kind of balance')
  readTypeTag(reader, OPERATION)
  const from = reader.uleb()
  if (from === 2) reader.take(64)
  if (from > 2) throw invalid('not a source of a withdrawal')
}

function readCommand(reader: ByteReader): Command {
  switch (reader.uleb()) {
    case 0:
      return {
        kind: 'call',
        packageId: readAddress(reader),
        module: readIdentifier(reader, OPERATION),
        function: readIdentifier(reader, OPERATION),
        typeArguments: many(reader, (from) => readTypeTag(from, OPERATION)),
        arguments: many(reader, readSource),
      }
    case 1:
      return { kind: 'transfer', objects: many(reader, readSource), address: readSource(reader) }
    case 2:
      return { kind: 'split', coin: readSource(reader), amounts: many(reader, readSource) }
    case 3:
      return { kind: 'merge', destination: readSource(reader), sources: many(reader, readSource) }
    case 4:
      readPackage(reader)
      return { kind: 'publish' }
    case 5:
      if (reader.flag()) readTypeTag(reader, OPERATION)
      return { kind: 'vector', elements: many(reader, readSource) }
    case 6: {
      readPackage(reader)
      const packageId = readAddress(reader)
      readSource(reader)
      return { kind: 'upgrade', packageId }
    }
    default:
      throw invalid('not a kind of command')
  }
}

function readPackage(reader: ByteReader): void {
  many(reader, (from) => from.take(from.uleb()))
  many(reader, readAddress)
}

function readSource(reader: ByteReader): Source {
  switch (reader.uleb()) {
    case 0:
      return { kind: 'gas' }
    case 1:
      return { kind: 'input', input: reader.u16() }
    case 2:
      return { kind: 'result', command: reader.u16(), index: undefined }
    case 3:
      return { kind: 'result', command: reader.u16(), index: reader.u16() }
    default:
      throw invalid('not a kind of argument')
  }
}

function readRef(reader: ByteReader): ObjectRef {
  return { objectId: readAddress(reader), version: reader.u64(), digest: readDigest(reader) }
}

function readDigest(reader: ByteReader): string {
  if (reader.uleb() !== 32) throw invalid('a digest has 32 bytes')
  return toBase58(reader.take(32))
}

function readExpiration(reader: ByteReader): Expiration {
  const kind = reader.uleb()
  if (kind === 0) return {}
  if (kind === 1) return { maxEpoch: reader.u64() }
  if (kind > 3) throw invalid('not a kind of expiration')
  const bound = () => (reader.flag() ? reader.u64() : undefined)
  const expiration = { minEpoch: bound(), maxEpoch: bound(), minTimestampMs: bound(), maxTimestampMs: bound() }
  readDigest(reader)
  reader.u32()
  if (kind === 3 && reader.flag()) readProposers(reader)
  return expiration
}

/** Which validators may propose it: the epoch, then their numbers, at least one, each above the one before. */
function readProposers(reader: ByteReader): void {
  reader.u64()
  const proposers = many(reader, (from) => from.u32())
  if (proposers.length === 0 || proposers.some((index, i) => i > 0 && index <= (proposers[i - 1] as number))) {
    throw invalid('proposers are not in order')
  }
}

/** A BCS vector. Its length is believed only as far as there are bytes: nothing is allocated for it. */
function many<T>(reader: ByteReader, read: (reader: ByteReader) => T): T[] {
  const items: T[] = []
  for (let left = reader.uleb(); left > 0; left--) items.push(read(reader))
  return items
}

function invalid(message: string): LocketError {
  return new LocketError('codec/invalid', { operation: OPERATION, message })
}
