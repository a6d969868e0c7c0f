import { ed25519_FROST } from '@noble/curves/ed25519.js'
import { schnorr_FROST } from '@noble/curves/secp256k1.js'
import type { FROST } from '@noble/curves/abstract/frost.js'
import { concatBytes } from '../../src/core/bytes.ts'
import { systemEntropy } from '../../src/core/capabilities.ts'
import { runCeremony } from '../helpers/mpc-ceremony.ts'
import { loadMpcCore, withLength, type CoreMessage, type CoreStep, type MpcCore } from '../helpers/mpc-core.ts'
import { cpuMsOf, median } from './cpu.ts'
import { row, type Row } from './row.ts'

const SESSION = new Uint8Array(32).fill(1)
const MESSAGE = new Uint8Array(32).fill(2)

/** What is measured, smaller if a shorter run is wanted. */
export type FrostBenchOptions = { readonly rounds?: number; readonly calls?: number }

/**
 * What one party computes for a signature of 2 of 3 from the commitments on: its signature share, and the sum of both
 * with its verification. In the core, and as `@noble/curves` does it, alternating in one process.
 */
export async function benchFrost({ rounds = 7, calls = 20 }: FrostBenchOptions = {}): Promise<Row[]> {
  const rows: Row[] = []
  const core = loadMpcCore(systemEntropy())
  for (const [name, suite, noble] of [
    ['Ed25519', 2, ed25519_FROST],
    ['Taproot', 3, schnorr_FROST],
  ] as const) {
    const prepareOurs = oursSigns(core, suite)
    const prepareTheirs = theirsSigns(noble)
    const spent: { ours: number; theirs: number }[] = []
    for (let round = 0; round <= rounds; round++) {
      const ours = await cpuOf(Array.from({ length: calls }, prepareOurs))
      const theirs = await cpuOf(Array.from({ length: calls }, prepareTheirs))
      // The first only warms up.
      if (round > 0) spent.push({ ours, theirs })
    }
    const [ours, theirs] = [median(spent.map((one) => one.ours)), median(spent.map((one) => one.theirs))]
    rows.push(row(`FROST ${name}, 2 of 3: signature share and sum, CPU`, ours, 'ms', undefined, theirs))
    rows.push(row(`FROST ${name}, share of the CPU that @noble/curves takes`, ours / theirs, '', { below: 0.333 }))
  }
  return rows
}

async function cpuOf(work: readonly (() => void)[]): Promise<number> {
  const spentMs = await cpuMsOf(() => {
    for (const one of work) one()
    return Promise.resolve()
  })
  return spentMs / work.length
}

/** Party 1 of the core, when party 2 has said all it will say: what remains is its own work. */
function oursSigns(core: MpcCore, suite: number): () => () => void {
  const keygen = new Map([1, 2, 3].map((me) => [me, concatBytes(SESSION, Uint8Array.of(me, 2, 3))]))
  const shares = runCeremony(core, suite, 1, keygen).results
  const parameters = (me: number) =>
    concatBytes(
      SESSION,
      withLength(shares.get(me) ?? new Uint8Array()),
      withLength(Uint8Array.of(1, 2)),
      withLength(new Uint8Array()),
      withLength(MESSAGE),
    )
  return () => {
    const [one, two] = [core.open(suite, 2, parameters(1)), core.open(suite, 2, parameters(2))]
    const theirShare = core.advance(two.handle, said(1, one.step))
    return () => {
      const mine = core.advance(one.handle, said(2, two.step))
      const signed = core.advance(one.handle, said(2, theirShare))
      core.close(two.handle)
      if (mine.kind !== 'send' || signed.kind !== 'end') throw new Error('no signature')
    }
  }
}

function said(party: number, step: CoreStep): Map<number, CoreMessage> {
  return new Map([[party, { broadcast: step.kind === 'send' ? step.broadcast : new Uint8Array(), direct: new Uint8Array() }]])
}

/** The same of noble: the share of party 1, and the sum with that of party 2. */
function theirsSigns(noble: FROST): () => () => void {
  const dealt = noble.trustedDealer({ min: 2, max: 3 })
  const [one, two] = [1, 2].map((party) => dealt.secretShares[noble.Identifier.fromNumber(party)])
  if (one === undefined || two === undefined) throw new Error('no shares')
  return () => {
    const [a, b] = [noble.commit(one), noble.commit(two)]
    const commitments = [a.commitments, b.commitments]
    const theirs = noble.signShare(two, dealt.public, b.nonces, commitments, MESSAGE)
    return () => {
      const mine = noble.signShare(one, dealt.public, a.nonces, commitments, MESSAGE)
      noble.aggregate(dealt.public, commitments, MESSAGE, { [one.identifier]: mine, [two.identifier]: theirs })
    }
  }
}
