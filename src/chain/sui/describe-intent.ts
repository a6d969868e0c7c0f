import { formatUtcSeconds } from '../../core/utc.ts'
import type { Effect, Intent } from '../../policy/intent.ts'
import { SUI_TYPE } from './names.ts'
import { readTransactionData, type Expiration } from './transaction-data.ts'
import { transactionDigest } from './transaction-digest.ts'

/**
 * A Sui intent in words, one line each, for whoever is to approve it: the digest of the bytes, each effect, who pays for gas,
 * and when it may run. Addresses and amounts are whole, never shortened. Every character that is not printable
 * ASCII, and the backslash, is written as `\u{…}`: nothing can hide, reorder or look like something else.
 *
 * @throws {LocketError} `codec/*` if the bytes of the intent are no Sui transaction.
 */
export function describeIntent(intent: Intent): readonly string[] {
  const data = readTransactionData(intent.bytes)
  const lines = [
    `${intent.account} signs transaction ${transactionDigest(intent.bytes)} on ${intent.chain}`,
    ...intent.effects.map((effect) => describeEffect(effect)),
  ]
  if (intent.effects.every(({ kind }) => kind === 'fee')) lines.push('takes nothing else from the account')
  if (data.gasOwner !== data.sender) lines.push(`${data.gasOwner} pays for gas`)
  lines.push(...describeExpiration(data.expiration))
  return lines.map(plainText)
}

function describeEffect(effect: Effect): string {
  switch (effect.kind) {
    case 'transfer':
      return `sends ${amountOf(effect)} to ${effect.to}`
    case 'allow':
      return `lets ${effect.spender} take up to ${amountOf(effect)}`
    case 'fee':
      return `pays at most ${amountOf(effect)} for gas`
    case 'call':
      return `calls ${effect.target} with ${effect.arguments.map(({ name, value }) => `${name} = ${value}`).join(', ') || 'nothing'}`
    case 'give':
      return `gives the object ${effect.object} to ${effect.to}`
    case 'unknown':
      return `CANNOT BE VOUCHED FOR: ${effect.reason}`
  }
}

/** SUI has nine decimals; of other coins nothing is known that a signer could check. */
function amountOf({ asset, amount }: { readonly asset: string; readonly amount: bigint | undefined }): string {
  if (amount === undefined) return `any amount of ${asset}`
  if (!asset.endsWith(`/coin:${SUI_TYPE}`)) return `${amount} base units of ${asset}`
  const fraction = String(amount % 1_000_000_000n)
    .padStart(9, '0')
    .replace(/0+$/, '')
  return `${amount / 1_000_000_000n}${fraction && `.${fraction}`} SUI (${asset})`
}

function describeExpiration(expiration: Expiration): string[] {
  const { minEpoch, maxEpoch, minTimestampMs, maxTimestampMs } = expiration
  const lines: string[] = []
  if (minEpoch !== undefined) lines.push(`does not run before epoch ${minEpoch}`)
  if (maxEpoch !== undefined) lines.push(`does not run after epoch ${maxEpoch}`)
  if (minTimestampMs !== undefined) lines.push(`does not run before ${timeOf(minTimestampMs)}`)
  if (maxTimestampMs !== undefined) lines.push(`does not run after ${timeOf(maxTimestampMs)}`)
  return lines.length === 0 ? ['may run at any time from now on'] : lines
}

/** The last millisecond of the year 9999. */
const LAST_DATE_MS = 253_402_300_799_999n

function timeOf(timestampMs: bigint): string {
  return timestampMs > LAST_DATE_MS ? `${timestampMs} ms after 1970` : `${formatUtcSeconds(Number(timestampMs))} UTC`
}

function plainText(line: string): string {
  return line.replaceAll(/[^\x20-\x7e]|\\/gu, (character) => `\\u{${(character.codePointAt(0) as number).toString(16)}}`)
}
