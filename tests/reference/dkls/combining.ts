import { concatBytes, equalBytes, type Bytes } from '../../../src/core/bytes.ts'
import { demand, messageOf, toEach, type Ceremony } from './ceremony.ts'
import { G, IDENTITY, inverse, mod, pointBytes, q, scalarBytes, times, toInteger, type Point } from './field.ts'
import { H } from './hash.ts'
import type { Presignature } from './presignature.ts'
import { createReader } from './reader.ts'

const xOf = (point: Point): bigint => toInteger(pointBytes(point).subarray(1))

/** Signs one digest with a presignature. */
export function finish(session: Bytes, presignature: Presignature, digest: Bytes): Ceremony {
  return combine([presignature], [digest], H('locket/ecdsa/finish', session, presignature.name, digest))
}

/** The last round of signing: part 3.5. `context` where the parties have not agreed on the digests before. */
export function* combine(presignatures: readonly Presignature[], digests: readonly Bytes[], context: Bytes = new Uint8Array()): Ceremony {
  const { me, parties } = presignatures[0] as Presignature
  const others = parties.filter((party) => party !== me)
  const sums = presignatures.map(({ R, phi, u, v }, item) => {
    const h = mod(toInteger(digests[item] as Bytes))
    return { h, u, w: mod(h * phi + mod(xOf(R)) * v) }
  })
  const parts = sums.flatMap(({ u, w }) => [scalarBytes(u), scalarBytes(w)])
  const inbox = yield { broadcast: concatBytes(context, ...parts), direct: toEach(others) }

  for (const party of others) {
    const { broadcast, direct } = messageOf(inbox, party)
    createReader(direct, party).end()
    const reader = createReader(broadcast, party)
    demand(equalBytes(reader.bytes(context.length), context), 'retry', 21, party)
    for (const one of sums) {
      one.u = mod(one.u + reader.scalar())
      one.w = mod(one.w + reader.scalar())
    }
    reader.end()
  }
  const signatures = sums.map(({ h, u, w }, item) => signatureOf(presignatures[item] as Presignature, h, mod(w * inverse(u))))
  demand(
    signatures.some((signature) => signature !== undefined),
    'retry',
    44,
  )
  return concatBytes(...signatures.map((signature) => signature ?? new Uint8Array(65)))
}

/** `r, s, recovery`, if it verifies. */
function signatureOf({ R, Y }: Presignature, h: bigint, full: bigint): Bytes | undefined {
  const r = mod(xOf(R))
  const isHigh = full > q / 2n
  const s = isHigh ? q - full : full
  if (s === 0n) return undefined
  const check = times(h * inverse(s), G).add(times(r * inverse(s), Y))
  if (check.equals(IDENTITY) || mod(xOf(check)) !== r) return undefined
  const isOdd = (pointBytes(R)[0] === 3) !== isHigh
  return concatBytes(scalarBytes(r), scalarBytes(s), Uint8Array.of((xOf(R) >= q ? 2 : 0) | (isOdd ? 1 : 0)))
}
