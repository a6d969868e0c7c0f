import { expect, it } from 'vitest'
import { toHex, type Bytes } from '../../src/core/bytes.ts'
import { isLocketError } from '../../src/core/errors.ts'
import { mutate } from './mutate.ts'
import { createChooser } from './store.ts'
import { watchAllocations } from './watch-allocations.ts'

const LONG = process.env['FUZZ_RUNS']
const SEED = Number(process.env['FUZZ_SEED'] ?? 1)
/** Inputs are a few kilobytes: whoever asks for more than this believed a length it had not checked. */
const ALLOCATION_LIMIT_BYTES = 1024 * 1024

/** Inputs per decoder: 20,000 in a pull request, as many as `FUZZ_RUNS` says in a long run. */
export const FUZZ_RUNS: number = Number(LONG ?? 20_000)

export type FuzzTarget = {
  readonly name: string
  /** Decodes and encodes again. `undefined` is a refusal without an error. */
  readonly recode: (bytes: Bytes) => Uint8Array | undefined | Promise<Uint8Array | undefined>
  readonly seeds: readonly Bytes[]
  /** The codes it may refuse with. */
  readonly codes: readonly string[]
  /** Fixes a checksum or a seal after a mutation, so that the fuzzer gets past it. */
  readonly fixUp?: (bytes: Bytes) => Bytes | Promise<Bytes>
  /** For formats that leave room for more than one spelling: what is written of what was read must read as the same. */
  readonly isLoose?: boolean
  /** One input in so many, for decoders that do cryptography. */
  readonly share?: number
}

/**
 * A test of one decoder: its own encoding comes back; every truncation, every
 * flipped bit and {@link FUZZ_RUNS} mutations are refused with one of its codes
 * or read as what encodes to the same bytes; the input is left alone, and no
 * buffer is made that the input does not account for. A decoder that hangs is
 * stopped by the runner.
 */
export function fuzzDecoder(target: FuzzTarget): void {
  const { name, seeds, share = 1 } = target
  const runs = Math.ceil(FUZZ_RUNS / share)
  it(
    `${name}: takes its own, and refuses or reads exactly ${runs} others (seed ${SEED})`,
    async () => {
      for (const seed of seeds) {
        const own = await target.recode(seed.slice())
        if (target.isLoose === true) expect(own).toBeDefined()
        else expect(own).toEqual(seed)
      }
      const choose = createChooser(SEED)
      const tally = { inputs: 0, accepted: 0, slowestMs: 0, largestBytes: 0 }
      const watch = watchAllocations()
      try {
        for (const [what, input] of inputs(target, runs, choose)) {
          const startedMs = performance.now()
          const wasAccepted = await tryOne(target, what, input, watch.largest, tally)
          tally.slowestMs = Math.max(tally.slowestMs, performance.now() - startedMs)
          tally.inputs++
          if (wasAccepted) tally.accepted++
        }
      } finally {
        watch.stop()
      }
      if (LONG !== undefined) process.stdout.write(`fuzz ${JSON.stringify({ name, seed: SEED, ...tally })}\n`)
    },
    // Only so that a long run is not cut off.
    Math.max(120_000, runs * 4),
  )
}

function* inputs({ seeds, share = 1 }: FuzzTarget, runs: number, choose: (n: number) => number): Generator<[string, Bytes]> {
  let nth = 0
  const isDue = () => nth++ % share === 0
  for (const seed of seeds) {
    for (let length = 0; length < seed.length; length++) if (isDue()) yield [`cut to ${length}`, seed.slice(0, length)]
    for (let bit = 0; bit < seed.length * 8; bit++) {
      if (!isDue()) continue
      const flipped = seed.slice()
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7))
      yield [`bit ${bit}`, flipped]
    }
  }
  for (let run = 0; run < runs; run++) yield [`run ${run}`, mutate(seeds, choose)]
}

async function tryOne(
  target: FuzzTarget,
  what: string,
  damaged: Bytes,
  largest: () => number,
  tally: { inputs: number; largestBytes: number },
): Promise<boolean> {
  const { recode, fixUp, codes, isLoose = false } = target
  const input = fixUp !== undefined && tally.inputs % 2 === 0 ? await fixUp(damaged) : damaged
  const untouched = input.slice()
  const fail = (problem: string, cause?: unknown) => new Error(`seed ${SEED}, ${what}: ${problem}: ${toHex(untouched)}`, { cause })
  largest()
  let output: Uint8Array | undefined
  try {
    const answer = recode(input)
    // Most are synchronous, and a turn of the event loop costs more than they do.
    output = answer instanceof Promise ? await answer : answer
  } catch (error) {
    if (!isLocketError(error) || !codes.includes(error.code)) throw fail(String(error), error)
  }
  const askedBytes = largest()
  tally.largestBytes = Math.max(tally.largestBytes, askedBytes)
  if (askedBytes > ALLOCATION_LIMIT_BYTES) throw fail(`a buffer of ${askedBytes} bytes was asked for`)
  if (!same(untouched, input)) throw fail('the input was changed')
  if (output === undefined) return false
  const again = isLoose ? await recode(new Uint8Array(output)) : input
  if (again === undefined || !same(output, again)) throw fail(`encodes differently, to ${toHex(output)}`)
  return true
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
