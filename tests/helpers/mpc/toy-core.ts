import { ed25519 } from '@noble/curves/ed25519.js'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, utf8, type Bytes } from '../../../src/core/bytes.ts'
import { LocketError } from '../../../src/core/errors.ts'
import { OP_ADVANCE, OP_CLOSE, OP_DESCRIBE, OP_OPEN, PROTOCOLS } from '../../../src/mpc/operations.ts'
import type { Mpc } from '../../../src/mpc/port.ts'
import { createWireReader, createWireWriter, type WireReader } from './wire.ts'

type Share = { suite: number; self: number; epoch: number; threshold: number; count: number; seed: Bytes; salt: Bytes }
type Inbox = ReadonlyMap<number, { broadcast: Bytes; direct: Bytes }>
type Waiting = (inbox: Inbox) => Bytes

/** What a test does to a core: fails an operation, or makes it answer something else. */
export type ToyPlan = (call: { readonly op: number; readonly protocol: number; readonly index: number }) => LocketError | undefined

/**
 * The core's interface without its secrecy: every share holds the whole key, one
 * round per protocol. For what the host does around ceremonies, thousands of times.
 */
export function createToyCore(plan: ToyPlan = () => undefined): Mpc & { readonly open: number; readonly isClosed: boolean } {
  const waiting = new Map<number, Waiting>()
  let nextHandle = 1
  let index = 0
  let isClosed = false
  let protocol = 0

  const call = (op: number, payload: Bytes): Bytes => {
    if (isClosed) throw new LocketError('usage/closed', { operation: 'toy' })
    const reader = createWireReader(payload, 'toy')
    if (op === OP_DESCRIBE) return describe(decodeShare(reader.bytes()))
    if (op === OP_CLOSE) {
      waiting.delete(reader.u32())
      return new Uint8Array()
    }
    if (op === OP_OPEN) {
      const suite = reader.u8()
      protocol = reader.u8()
      const handle = nextHandle++
      const { broadcast, finish } = begin(suite, protocol, createWireReader(reader.bytes(), 'toy'))
      waiting.set(handle, finish)
      return createWireWriter().u32(handle).u8(0).u8(1).bytes(broadcast).u8(0).finish()
    }
    if (op !== OP_ADVANCE) throw new Error(`the toy core has no operation ${op}`)
    const handle = reader.u32()
    const finish = waiting.get(handle)
    waiting.delete(handle)
    const inbox = new Map<number, { broadcast: Bytes; direct: Bytes }>()
    for (let count = reader.u8(); count > 0; count--) inbox.set(reader.u8(), { broadcast: reader.bytes(), direct: reader.bytes() })
    if (finish === undefined) throw new Error('no such handle')
    return createWireWriter().u8(1).bytes(finish(inbox)).finish()
  }

  return {
    get open() {
      return waiting.size
    },
    get isClosed() {
      return isClosed
    },
    async call(op, payload, { signal } = {}) {
      signal?.throwIfAborted()
      const error = plan({ op, protocol: op === OP_OPEN ? (payload[1] as number) : protocol, index: index++ })
      if (error !== undefined) throw error
      return call(op, payload)
    },
    close() {
      isClosed = true
      waiting.clear()
    },
  }
}

function begin(suite: number, protocol: number, reader: WireReader): { broadcast: Bytes; finish: Waiting } {
  const session = reader.raw(32)
  if (protocol === PROTOCOLS.create || protocol === PROTOCOLS.import) {
    const [self, threshold, count] = [reader.u8(), reader.u8(), reader.u8()]
    const dealer = protocol === PROTOCOLS.import ? reader.raw(2)[0] : undefined
    const mine = dealer === undefined ? sha256(concatBytes(session, Uint8Array.of(self))) : reader.bytes()
    return {
      broadcast: mine,
      finish: (inbox) => {
        const all = [...inbox, [self, { broadcast: mine }] as const].toSorted(([a], [b]) => a - b).map(([, { broadcast }]) => broadcast)
        const seed = dealer === undefined ? sha256(concatBytes(...all)) : concatBytes(...all)
        return encodeShare({ suite, self, epoch: 0, threshold, count, seed, salt: session })
      },
    }
  }
  if (protocol === PROTOCOLS.reshare) {
    const [self, threshold, count] = [reader.u8(), reader.u8(), reader.u8()]
    reader.bytes()
    reader.raw(32)
    const encoded = reader.bytes()
    return {
      broadcast: encoded,
      finish: (inbox) => {
        const share = [encoded, ...[...inbox.values()].map(({ broadcast }) => broadcast)].find(({ length }) => length > 0)
        if (self > count) return new Uint8Array()
        const { seed, epoch } = decodeShare(share as Bytes)
        return encodeShare({ suite, self, epoch: epoch + 1, threshold, count, seed, salt: session })
      },
    }
  }
  const share = decodeShare(reader.bytes())
  if (protocol === PROTOCOLS.refresh) {
    return { broadcast: new Uint8Array(), finish: () => encodeShare({ ...share, epoch: share.epoch + 1, salt: session }) }
  }
  const participants = reader.bytes()
  if (protocol === PROTOCOLS.export) return { broadcast: participants, finish: () => share.seed }
  if (protocol !== PROTOCOLS.sign) throw new Error(`the toy core has no protocol ${protocol}`)
  reader.bytes()
  const message = reader.bytes()
  return { broadcast: participants, finish: () => signaturesOf(share, message) }
}

function signaturesOf({ suite, seed }: Share, message: Bytes): Bytes {
  if (suite === 2) return ed25519.sign(message, seed)
  const digests = Array.from({ length: message.length / 32 }, (_, at) => message.subarray(at * 32, at * 32 + 32))
  const signatures = digests.map((digest) => secp256k1.sign(digest, seed, { prehash: false, lowS: true }))
  return concatBytes(...signatures.flatMap((signature) => [signature, Uint8Array.of(0)]))
}

function publicKeyOf({ suite, seed }: Share): Bytes {
  return suite === 2 ? ed25519.getPublicKey(seed) : secp256k1.getPublicKey(seed, true)
}

function describe(share: Share): Bytes {
  const publicKey = publicKeyOf(share)
  const keyId = sha256(concatBytes(utf8('toy key'), Uint8Array.of(share.suite), publicKey))
  const writer = createWireWriter().u8(share.suite).raw(keyId).u8(share.self).u32(share.epoch).u8(share.threshold).u8(share.count)
  return writer.bytes(publicKey).bytes(share.salt).finish()
}

function encodeShare({ suite, self, epoch, threshold, count, seed, salt }: Share): Bytes {
  return createWireWriter().u8(suite).u8(self).u32(epoch).u8(threshold).u8(count).raw(seed).raw(salt).finish()
}

function decodeShare(bytes: Bytes): Share {
  const reader = createWireReader(bytes, 'toy')
  const share = {
    suite: reader.u8(),
    self: reader.u8(),
    epoch: reader.u32(),
    threshold: reader.u8(),
    count: reader.u8(),
    seed: reader.raw(32),
    salt: reader.raw(32),
  }
  reader.end()
  return share
}
