import { LocketError } from '../core/errors.ts'
import { MAX_AMOUNT } from './canonical.ts'
import type { AssetId } from './intent.ts'

/** An amount of an asset, in its base units. */
export type Spend = { readonly asset: AssetId; readonly amount: bigint }

/**
 * What this device has let out, as a plain value: each change gives a new one. Whoever keeps it writes the new one
 * down before a signature leaves, and decides about one intent at a time.
 */
export type Ledger = {
  readonly device: string
  /** The latest instant it has been told. */
  readonly latestMs: number
  readonly entries: readonly LedgerEntry[]
}

export type LedgerEntry = {
  /** The hash of the intent. */
  readonly id: string
  readonly account: string
  readonly spends: readonly Spend[]
  /** Of the reservation, and then of the commit. */
  readonly atMs: number
  readonly isCommitted: boolean
}

const DAY_MS = 86_400_000
const WEEK_MS: number = 7 * DAY_MS

/** A device that has spent nothing. */
export function createLedger(device: string): Ledger {
  assertText(device, 'device')
  return { device, latestMs: 0, entries: [] }
}

export type Reservation = { readonly id: string; readonly account: string; readonly spends: readonly Spend[]; readonly nowMs: number }

/**
 * Counts what is about to be signed, until it is released. A reservation made before changes nothing.
 *
 * This does not ask whether there is room: `evaluateAndReserve` does both.
 *
 * @throws {LocketError} `policy/reservation-conflict` if the id stands for other spends; `usage/invalid-argument`.
 */
export function reserve(ledger: Ledger, { id, account, spends, nowMs }: Reservation): Ledger {
  assertText(id, 'id')
  assertText(account, 'account')
  for (const { asset, amount } of spends) {
    assertText(asset, 'spends')
    if (typeof amount !== 'bigint' || amount < 0n || amount > MAX_AMOUNT)
      throw invalidArgument('spends', 'an amount is from 0 to 2^256 - 1')
  }
  const before = ledger.entries.find((entry) => entry.id === id)
  if (before !== undefined) {
    const isSame =
      before.account === account &&
      before.spends.length === spends.length &&
      before.spends.every(({ asset, amount }, index) => asset === spends[index]?.asset && amount === spends[index]?.amount)
    if (isSame) return ledger
    throw ledgerError('policy/reservation-conflict', id, 'the id stands for other spends')
  }
  const latestMs = later(ledger, nowMs)
  const entry: LedgerEntry = {
    id,
    account,
    spends: spends.map(({ asset, amount }) => ({ asset, amount })),
    atMs: latestMs,
    isCommitted: false,
  }
  return { ...ledger, latestMs, entries: [...ledger.entries, entry] }
}

/**
 * The chain has it: it counts for a day and a week from now. A reservation counts without end, because until the
 * commit nobody knows when the chain had it. Done before, it changes nothing.
 *
 * @throws {LocketError} `policy/unknown-reservation`; `usage/invalid-argument`.
 */
export function commit(ledger: Ledger, { id, nowMs }: { readonly id: string; readonly nowMs: number }): Ledger {
  const before = ledger.entries.find((entry) => entry.id === id)
  if (before === undefined) throw ledgerError('policy/unknown-reservation', id)
  if (before.isCommitted) return ledger
  const latestMs = later(ledger, nowMs)
  const entries = ledger.entries.map((entry) => (entry === before ? { ...entry, atMs: latestMs, isCommitted: true } : entry))
  return { ...ledger, latestMs, entries }
}

/**
 * It can never be included any more: its gas object or nonce is used by another, it has expired on chain. Nothing is
 * released by time alone. An id that is not there changes nothing.
 *
 * @throws {LocketError} `policy/reservation-conflict` if it was committed: that does not come back.
 */
export function release(ledger: Ledger, { id }: { readonly id: string }): Ledger {
  const before = ledger.entries.find((entry) => entry.id === id)
  if (before === undefined) return ledger
  if (before.isCommitted) throw ledgerError('policy/reservation-conflict', id, 'it was committed')
  return { ...ledger, entries: ledger.entries.filter((entry) => entry !== before) }
}

/** Without what was committed a week ago or longer, which no limit asks for. */
export function pruneLedger(ledger: Ledger, nowMs: number): Ledger {
  return { ...ledger, entries: ledger.entries.filter(({ isCommitted, atMs }) => !isCommitted || atMs > nowMs - WEEK_MS) }
}

/**
 * What an account has spent of an asset in the last 24 hours and in the last 7 days: committed, and reserved whenever.
 * An entry of the future counts, so a clock that is set back frees nothing.
 */
export function spentOf(
  { entries }: Ledger,
  asked: { readonly account: string; readonly asset: AssetId; readonly nowMs: number; readonly exceptId?: string },
): { readonly day: bigint; readonly week: bigint } {
  const { account, asset, nowMs, exceptId } = asked
  let day = 0n
  let earlier = 0n
  // PERF: counted loops and one sum for each amount: iterators and bigints are garbage, and collecting it is what a slow verdict waits for.
  for (let at = 0; at < entries.length; at++) {
    const entry = entries[at] as LedgerEntry
    const isPast = entry.isCommitted && entry.atMs <= nowMs - DAY_MS
    if (entry.account !== account || entry.id === exceptId || (isPast && entry.atMs <= nowMs - WEEK_MS)) continue
    for (let place = 0; place < entry.spends.length; place++) {
      const spend = entry.spends[place] as Spend
      if (spend.asset !== asset || spend.amount <= 0n) continue
      if (isPast) earlier += spend.amount
      else day += spend.amount
    }
  }
  return { day, week: day + earlier }
}

/** Time in a ledger never runs backwards. */
function later(ledger: Ledger, nowMs: number): number {
  if (!Number.isSafeInteger(nowMs) || nowMs < 0) throw invalidArgument('nowMs', 'an instant is a whole number of milliseconds')
  return Math.max(ledger.latestMs, nowMs)
}

function assertText(text: string, parameter: string): void {
  if (typeof text === 'string' && text !== '' && text.length <= 1_024 && !/\p{Surrogate}/u.test(text)) return
  throw invalidArgument(parameter, `${parameter} is a text of 1 to 1024 characters`)
}

function invalidArgument(parameter: string, message: string): LocketError {
  return new LocketError('usage/invalid-argument', { operation: 'policy.ledger', message, details: { parameter } })
}

function ledgerError(code: 'policy/reservation-conflict' | 'policy/unknown-reservation', id: string, message?: string): LocketError {
  return new LocketError(code, { operation: 'policy.ledger', message, details: { id } })
}
