import { concatBytes, type Bytes } from '../../src/core/bytes.ts'
import { systemEntropy } from '../../src/core/capabilities.ts'
import { runCeremony } from '../helpers/mpc-ceremony.ts'
import { loadMpcCore, withLength } from '../helpers/mpc-core.ts'
import { cpuMsOf, median } from './cpu.ts'
import { row, type Row } from './row.ts'

const SESSION = new Uint8Array(32).fill(1)
const DIGEST = new Uint8Array(32).fill(2)

/** What is measured, smaller if a shorter run is wanted. */
export type DklsBenchOptions = { readonly rounds?: number }

/**
 * Threshold ECDSA, 2 of 3: what one party computes, as multiples of one multiplication of the generator by the
 * same module, and what it sends to each other party. Each round measures the unit again next to the rest.
 */
export async function benchDkls({ rounds = 7 }: DklsBenchOptions = {}): Promise<Row[]> {
  const core = loadMpcCore(systemEntropy())
  const spent = { unit: [] as number[], generate: [] as number[], sign: [] as number[], presign: [] as number[], finish: [] as number[] }
  const sentBytes = { generate: 0, sign: 0, finish: 0 }
  const run = async (protocol: number, parties: readonly number[], parameters: (me: number) => Uint8Array, times = 1) => {
    const given = new Map(parties.map((me) => [me, parameters(me)]))
    let last: ReturnType<typeof runCeremony> | undefined
    const ms = await cpuMsOf(async () => {
      for (let i = 0; i < times; i++) last = runCeremony(core, 1, protocol, given)
    })
    const { results, said } = last as ReturnType<typeof runCeremony>
    const [from, to] = parties as readonly [number, number]
    const messages = [...said.values()].map((sent) => sent.get(from))
    const sent = messages.reduce((sum, one) => sum + (one?.broadcast.length ?? 0) + (one?.direct.get(to)?.length ?? 0), 0)
    return { ms: ms / parties.length / times, results, sent }
  }
  for (let round = 0; round <= rounds; round++) {
    const unit = (await cpuMsOf(async () => core.multiply(1_000))) / 1_000
    const keys = await run(1, [1, 2, 3], (me) => concatBytes(SESSION, Uint8Array.of(me, 2, 3)))
    const shareOf = (me: number) => withLength(keys.results.get(me) as Bytes)
    const job = (me: number) => concatBytes(SESSION, shareOf(me), withLength(Uint8Array.of(1, 2)), withLength(new Uint8Array()))
    const signed = await run(2, [1, 2], (me) => concatBytes(job(me), withLength(DIGEST)), 8)
    const presigned = await run(8, [1, 2], (me) => concatBytes(job(me), Uint8Array.of(1)), 8)
    const used = await run(9, [1, 2], (me) => concatBytes(SESSION, shareOf(me), presigned.results.get(me) as Bytes, DIGEST), 40)
    // The first only warms up.
    if (round === 0) continue
    spent.unit.push(unit)
    for (const [name, { ms, sent }] of Object.entries({ generate: keys, sign: signed, presign: presigned, finish: used })) {
      spent[name as 'sign'].push(ms / unit)
      if (name in sentBytes) sentBytes[name as 'sign'] = sent
    }
  }
  return [
    row('ECDSA 2 of 3: the unit, one multiplication of the generator, CPU', median(spent.unit) * 1_000, 'us'),
    row('ECDSA 2 of 3: key generation, multiplications', median(spent.generate), '', { below: 4_000 }),
    row('ECDSA 2 of 3: signature, multiplications', median(spent.sign), '', { below: 150 }),
    row('ECDSA 2 of 3: presignature, multiplications', median(spent.presign), ''),
    row('ECDSA 2 of 3: signature from a presignature, multiplications', median(spent.finish), '', { below: 15 }),
    row('ECDSA 2 of 3: key generation, sent to each other party', sentBytes.generate, 'B', { below: 20_000 }),
    row('ECDSA 2 of 3: signature, sent to the other party', sentBytes.sign, 'B', { below: 75_000 }),
    row('ECDSA 2 of 3: signature from a presignature, sent', sentBytes.finish, 'B', { below: 200 }),
  ]
}
