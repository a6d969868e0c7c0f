import { concatBytes, fromBase64Url, type Bytes } from '../../src/core/bytes.ts'
import type { Entropy } from '../../src/core/capabilities.ts'
import { MPC_WASM } from '../../src/mpc/wasm-bytes.ts'

/** What a party sends in a round, or ends with. */
export type CoreStep =
  | { readonly kind: 'send'; readonly round: number; readonly broadcast: Bytes; readonly direct: ReadonlyMap<number, Bytes> }
  | { readonly kind: 'end'; readonly result: Bytes }

/** What one party sent to another in a round. */
export type CoreMessage = { readonly broadcast: Uint8Array; readonly direct: Uint8Array }

/** How the core failed: its numbers as they are. */
export class CoreFailure extends Error {
  readonly failure: { readonly class: number; readonly code: number; readonly party: number; readonly round: number }
  constructor(failure: CoreFailure['failure']) {
    super(JSON.stringify(failure))
    this.failure = failure
  }
}

export type MpcCore = {
  open(suite: number, protocol: number, parameters: Uint8Array): { readonly handle: number; readonly step: CoreStep }
  advance(handle: number, inbox: ReadonlyMap<number, CoreMessage>): CoreStep
  close(handle: number): void
  /** The public half of a share, as the core writes it. */
  describe(share: Uint8Array): Bytes
  /** As many multiplications of secp256k1's generator: the unit of speed. */
  multiply(count: number): void
}

type Exports = {
  readonly memory: WebAssembly.Memory
  alloc(length: number): number
  free(address: number, length: number): void
  call(op: number, address: number, length: number): bigint
}

const module = new WebAssembly.Module(fromBase64Url(MPC_WASM))

/** The threshold core with nothing around it: `wasm/SPEC.md`, part 7, for tests that compare it with other code. */
export function loadMpcCore(entropy: Entropy): MpcCore {
  const random_fill = (address: number, length: number) => {
    entropy.fill(new Uint8Array(core.memory.buffer, address, length))
    return 1
  }
  const core = new WebAssembly.Instance(module, { env: { random_fill } }).exports as unknown as Exports

  function call(op: number, payload: Uint8Array): Reader {
    const length = payload.length + 1
    const address = core.alloc(length)
    const request = new Uint8Array(core.memory.buffer, address, length)
    request[0] = 1
    request.set(payload, 1)
    const answer = core.call(op, address, length)
    core.free(address, length)
    const [at, size] = [Number(answer >> 32n), Number(answer & 0xffff_ffffn)]
    const reader = createReader(new Uint8Array(core.memory.buffer).slice(at, at + size))
    core.free(at, size)
    if (reader.number(1) === 0) return reader
    throw new CoreFailure({ class: reader.number(1), code: reader.number(2), party: reader.number(1), round: reader.number(1) })
  }

  return {
    open(suite, protocol, parameters) {
      const reader = call(1, concatBytes(Uint8Array.of(suite, protocol), withLength(parameters)))
      return { handle: reader.number(4), step: readStep(reader) }
    },
    advance(handle, inbox) {
      const messages = [...inbox].toSorted(([a], [b]) => a - b)
      const parts = messages.flatMap(([party, message]) => [
        Uint8Array.of(party),
        withLength(message.broadcast),
        withLength(message.direct),
      ])
      return readStep(call(2, concatBytes(number(handle, 4), Uint8Array.of(messages.length), ...parts)))
    },
    close(handle) {
      call(3, number(handle, 4))
    },
    describe: (share) => call(4, withLength(share)).rest(),
    multiply(count) {
      call(255, number(count, 4))
    },
  }
}

/** `bytes` as the core reads them: a length and the bytes. */
export function withLength(bytes: Uint8Array): Bytes {
  return concatBytes(number(bytes.length, 4), bytes)
}

function number(value: number, width: number): Bytes {
  return Uint8Array.from({ length: width }, (_, i) => (value >>> (8 * i)) & 255)
}

type Reader = { number(width: number): number; bytes(): Bytes; rest(): Bytes }

function createReader(bytes: Bytes): Reader {
  let at = 0
  const take = (length: number) => bytes.slice(at, (at += length))
  const reader: Reader = {
    number: (width) => take(width).reduceRight((value, byte) => value * 256 + byte, 0),
    bytes: () => take(reader.number(4)),
    rest: () => take(bytes.length - at),
  }
  return reader
}

function readStep(reader: Reader): CoreStep {
  if (reader.number(1) === 1) return { kind: 'end', result: reader.bytes() }
  const round = reader.number(1)
  const broadcast = reader.bytes()
  const direct = new Map<number, Bytes>()
  for (let count = reader.number(1); count > 0; count--) direct.set(reader.number(1), reader.bytes())
  return { kind: 'send', round, broadcast, direct }
}
