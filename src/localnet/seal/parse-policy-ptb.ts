import { bcs } from '@mysten/sui/bcs'
import { fromBase64, normalizeSuiAddress } from '@mysten/sui/utils'
import { concatBytes, type Bytes } from '../../core/bytes.ts'
import { KeyServerError } from './key-server-error.ts'

/** A transaction a key server will judge: calls of `seal_approve*` functions of one package, nothing else. */
export type PolicyPtb = {
  readonly packageId: string
  /** One inner identity for each command, in order. */
  readonly ids: readonly Bytes[]
  /** BCS of the `TransactionKind`, for the dry run. */
  readonly kindBytes: Bytes
  /** The bytes the session key signed. */
  readonly bytes: Bytes
}

const MAX_COMMANDS = 100

/**
 * Checks the rules of MystenLabs/seal `crates/key-server/src/valid_ptb.rs` in
 * its order: 1 to 100 commands and at least one input, all commands Move calls
 * of one package, all arguments transaction inputs, the first one a BCS
 * `vector<u8>`, function names starting with `seal_approve`.
 *
 * @throws {KeyServerError} `InvalidPTB`
 */
export function parsePolicyPtb(base64: string): PolicyPtb {
  const { bytes, ptb } = decode(base64)
  if (ptb.commands.length > MAX_COMMANDS) throw invalid(`Too many commands in PTB (more than ${MAX_COMMANDS})`)
  const [first] = ptb.commands
  if (ptb.inputs.length === 0 || !first) throw invalid('Empty PTB input or command')
  if (!first.MoveCall) throw invalid('Invalid first command')
  const packageId = normalizeSuiAddress(first.MoveCall.package)
  const ids = ptb.commands.map((command): Bytes => {
    const call = command.MoveCall
    if (!call) throw invalid('Non MoveCall command')
    if (call.arguments.some((argument) => argument.Input === undefined)) throw invalid('Only inputs are allowed as arguments')
    const index = call.arguments[0]?.Input
    if (index === undefined) throw invalid('Empty args')
    const pure = ptb.inputs[index]?.Pure
    if (!pure) throw invalid('Invalid first parameter for seal_approve')
    const id = decodeId(fromBase64(pure.bytes))
    if (!call.function.startsWith('seal_approve') || normalizeSuiAddress(call.package) !== packageId) {
      throw invalid('Invalid function or package id')
    }
    return id
  })
  return { packageId, ids, bytes, kindBytes: concatBytes(new Uint8Array([0]), bytes) }
}

function decode(base64: string): { bytes: Bytes; ptb: ReturnType<typeof bcs.ProgrammableTransaction.parse> } {
  let bytes: Bytes
  try {
    bytes = Uint8Array.from(fromBase64(base64))
  } catch {
    throw invalid('Invalid Base64')
  }
  try {
    return { bytes, ptb: bcs.ProgrammableTransaction.parse(bytes) }
  } catch {
    throw invalid('Invalid BCS')
  }
}

function decodeId(bytes: Uint8Array): Bytes {
  try {
    const id = Uint8Array.from(bcs.byteVector().parse(bytes))
    // Rust's BCS refuses what this reader would let pass: bytes after the value.
    if (bcs.byteVector().serialize(id).toBytes().length === bytes.length) return id
  } catch {}
  throw invalid('Invalid BCS for first parameter for seal_approve')
}

function invalid(reason: string): KeyServerError {
  return new KeyServerError('InvalidPTB', `Invalid PTB: ${reason}`)
}
