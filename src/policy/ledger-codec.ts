import type { Bytes } from '../core/bytes.ts'
import { byteReader, type ByteReader } from '../core/byte-reader.ts'
import { byteWriter } from '../core/byte-writer.ts'
import { toExactNumber } from '../core/codec.ts'
import { LocketError } from '../core/errors.ts'
import { MAX_AMOUNT } from './canonical.ts'
import type { Ledger, LedgerEntry, Spend } from './ledger.ts'

const VERSION = 1
const OPERATION = 'policy.decodeLedger'
const U64 = 2n ** 64n - 1n

/** BCS: version, device, latest instant, entries of id, account, instant, committed, spends of asset and u256. */
export function encodeLedger({ device, latestMs, entries }: Ledger): Bytes {
  const out = byteWriter()
  out.u8(VERSION)
  out.text(device)
  out.u64(BigInt(latestMs))
  out.uleb(entries.length)
  for (const { id, account, atMs, isCommitted, spends } of entries) {
    out.text(id)
    out.text(account)
    out.u64(BigInt(atMs))
    out.flag(isCommitted)
    out.uleb(spends.length)
    for (const { asset, amount } of spends) {
      out.text(asset)
      if (amount < 0n || amount > MAX_AMOUNT) throw new RangeError('an amount of a ledger is out of range')
      for (let shift = 0n; shift < 256n; shift += 64n) out.u64((amount >> shift) & U64)
    }
  }
  return out.finish()
}

/**
 * The ledger that `encodeLedger` wrote.
 *
 * @throws {LocketError} `codec/truncated`, `codec/trailing-bytes`, `codec/unknown-version` or `codec/invalid`, also for
 *   an id that is there twice or an entry later than the ledger.
 */
export function decodeLedger(bytes: Uint8Array): Ledger {
  const input = byteReader(bytes, OPERATION)
  if (input.u8() !== VERSION) throw new LocketError('codec/unknown-version', { operation: OPERATION })
  const device = input.text()
  const latestMs = toExactNumber(input.u64().toString(), OPERATION)
  const entries: LedgerEntry[] = []
  const ids = new Set<string>()
  for (let left = input.uleb(); left > 0; left--) {
    const entry = readEntry(input)
    if (ids.has(entry.id) || entry.atMs > latestMs) throw new LocketError('codec/invalid', { operation: OPERATION })
    ids.add(entry.id)
    entries.push(entry)
  }
  input.end()
  return { device, latestMs, entries }
}

function readEntry(input: ByteReader): LedgerEntry {
  const [id, account] = [input.text(), input.text()]
  const atMs = toExactNumber(input.u64().toString(), OPERATION)
  const isCommitted = input.flag()
  const spends: Spend[] = []
  for (let left = input.uleb(); left > 0; left--) {
    const asset = input.text()
    let amount = 0n
    for (let shift = 0n; shift < 256n; shift += 64n) amount |= input.u64() << shift
    spends.push({ asset, amount })
  }
  return { id, account, spends, atMs, isCommitted }
}
