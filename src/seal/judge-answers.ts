import type { ErrorCode } from '../core/error-codes.ts'

/** What one server's answer to a key request came to. */
export type Judged = {
  readonly objectId: string
  readonly weight: number
  readonly verdict: 'ok' | 'lied' | 'refused' | 'down' | 'cancelled'
  readonly reason: string | undefined
}

/**
 * What to do about a key request that did not reach the threshold.
 * `retry`: a server was only busy, or has not seen a new object yet.
 */
export type Judgement = { readonly code: ErrorCode; readonly retry: boolean }

/** Refusals that the identical request may survive a moment later. */
const PASSING = new Set(['Failure', 'TooManyRequests', 'InvalidParameter', 'HTTP 429', 'HTTP 500', 'HTTP 502', 'HTTP 503', 'HTTP 504'])

/**
 * Finds the one cause that kept a request below the threshold. A denial counts
 * only when so many servers deny that the others could not make up for it, as
 * one server alone may be behind or lie. Any other cause is the one when
 * without it the request would have succeeded.
 */
export function judgeAnswers(answers: readonly Judged[], threshold: number): Judgement {
  const weigh = (matches: (answer: Judged) => boolean) => answers.reduce((sum, answer) => (matches(answer) ? sum + answer.weight : sum), 0)
  const total = weigh(() => true)
  const good = weigh(({ verdict }) => verdict === 'ok')
  const refusedWith = (...reasons: string[]) =>
    weigh(({ verdict, reason }) => verdict === 'refused' && reason !== undefined && reasons.includes(reason))
  const isCause = (weight: number) => weight > 0 && good + weight >= threshold

  if (refusedWith('NoAccess') > total - threshold) return { code: 'seal/no-access', retry: false }
  if (isCause(refusedWith('InvalidCertificate'))) return { code: 'seal/clock-skew', retry: false }
  if (isCause(refusedWith('InvalidSignature', 'InvalidSessionSignature'))) return { code: 'seal/session-expired', retry: false }
  if (isCause(refusedWith('InvalidPackage', 'UnsupportedPackageId', 'InvalidMVRName', 'InvalidPTB'))) {
    return { code: 'seal/wrong-package', retry: false }
  }
  const passing = weigh(({ verdict, reason }) => verdict === 'refused' && reason !== undefined && PASSING.has(reason))
  if (isCause(refusedWith('InvalidParameter'))) return { code: 'chain/not-found', retry: true }
  const lied = weigh(({ verdict }) => verdict === 'lied')
  if (isCause(lied)) return { code: 'seal/server-misbehaved', retry: false }
  return { code: 'seal/threshold', retry: passing > 0 && good + passing >= threshold }
}
