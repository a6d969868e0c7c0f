import { BRANCHES, FUNCTIONS, type ScriptCall } from './script.ts'

const DAY_MS = 86_400_000
const OWNER = 0xa
const PEOPLE = { owner: OWNER, writer: 0xb, reader: 0xc, beneficiary: 0xd, heir: 0xe, guest: 0xf, stranger: 0x5 } as const
const EVERYONE = Object.values(PEOPLE)

const NOTHING: ScriptCall = {
  kind: 10,
  target: 0,
  sender: OWNER,
  advanceMs: 0,
  number: 0n,
  other: 0n,
  who: 0,
  first: new Uint8Array(),
  second: new Uint8Array(),
  third: new Uint8Array(),
}

const call = (name: (typeof FUNCTIONS)[number], fields: Partial<ScriptCall> = {}): ScriptCall => ({
  ...NOTHING,
  kind: FUNCTIONS.indexOf(name),
  ...fields,
})
const setVersion = (version: bigint): ScriptCall => ({ ...NOTHING, kind: 12, number: version })
const bytes = (length: number, fill = 7): Uint8Array => new Uint8Array(length).fill(fill)

type Identity = { readonly of: number; readonly epoch: number; readonly length: number; readonly changed: number; readonly change: number }
const RIGHT: Identity = { of: 0, epoch: 1, length: 52, changed: 255, change: 0 }

const approve = (branch: number, sender: number, identity: Partial<Identity>, fields: Partial<ScriptCall> = {}): ScriptCall => {
  const { of, epoch, length, changed, change } = { ...RIGHT, ...identity }
  const first = Uint8Array.of(of, changed, change)
  return { ...NOTHING, kind: 20 + branch, sender, number: BigInt(epoch), other: BigInt(length), first, ...fields }
}

/** Epoch 1, a reader, a writer, a guest for a second, a time lock of a second, a successor after a day. Ends at 1,000,000 ms. */
const FURNISHED: readonly ScriptCall[] = [
  call('set_key', { first: bytes(40), second: bytes(9) }),
  call('rotate', { first: bytes(41), second: bytes(80), third: bytes(10) }),
  call('add_member', { who: PEOPLE.reader }),
  call('add_member', { who: PEOPLE.writer, other: 1n }),
  call('add_member', { who: PEOPLE.guest, other: 1n, number: 1_001_000n }),
  call('set_timelock', { who: PEOPLE.beneficiary, number: 1_001_000n }),
  call('set_successor', { who: PEOPLE.heir, number: BigInt(DAY_MS) }),
]

const IDENTITIES: readonly Partial<Identity>[] = [
  {},
  { of: 1 },
  { epoch: 0 },
  { epoch: 2 },
  { epoch: 0x0100_0001 },
  { length: 51 },
  { length: 53 },
  { length: 0 },
  { changed: 0, change: 1 },
  { changed: 31, change: 0x80 },
  { changed: 51, change: 0xff },
]

/** Every branch with every caller, and every branch with every kind of identity, at several times. */
function approvals(): ScriptCall[][] {
  const scripts: ScriptCall[][] = []
  for (const branch of BRANCHES.keys()) {
    for (const advanceMs of [0, 999, 1_000, DAY_MS - 1, DAY_MS]) {
      for (const sender of EVERYONE) scripts.push([...FURNISHED, approve(branch, sender, {}, { advanceMs })])
    }
    const sender = [PEOPLE.owner, PEOPLE.reader, PEOPLE.beneficiary, PEOPLE.heir][branch] ?? OWNER
    for (const identity of IDENTITIES) scripts.push([...FURNISHED, approve(branch, sender, identity, { advanceMs: DAY_MS })])
    // The other space, whose owner is the stranger, with this one's identity.
    for (const who of [sender, PEOPLE.stranger])
      scripts.push([...FURNISHED, approve(branch, who, { epoch: 0 }, { target: 1, advanceMs: DAY_MS })])
    for (const version of [0n, 2n]) scripts.push([...FURNISHED, setVersion(version), approve(branch, sender, {}, { advanceMs: DAY_MS })])
    scripts.push([approve(branch, sender, { epoch: 0 })])
  }
  return scripts
}

/** Refusals the other scripts seldom reach. */
function corners(): ScriptCall[][] {
  const member = (i: number): ScriptCall => call('add_member', { who: 0x1000 + i })
  return [
    [call('rotate', { first: bytes(1) })],
    [call('set_key')],
    [call('set_key', { first: bytes(8_193) })],
    [call('set_key', { first: bytes(8_192), second: bytes(1_024) })],
    [call('set_key', { first: bytes(1), number: 1n })],
    [call('set_key', { first: bytes(1) }), call('set_key', { first: bytes(1) })],
    Array.from({ length: 128 }, (_, i) => member(i)),
    Array.from({ length: 129 }, (_, i) => member(i)),
    [setVersion(0n), call('migrate'), call('heartbeat')],
    [setVersion(2n), call('migrate')],
    [setVersion(0n), call('migrate', { sender: PEOPLE.stranger })],
  ]
}

/** A small seeded generator (mulberry32): the same scripts on every run. */
function seeded(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) % below
  }
}

/** Sequences of state calls, most of them in order and some not, that end in an approval more often than not. */
function sequences(count: number): ScriptCall[][] {
  const below = seeded(20_260_117)
  const rarely = (): boolean => below(14) === 0
  const pick = <T>(items: readonly T[]): T => items[below(items.length)] as T
  return Array.from({ length: count }, () => {
    const script: ScriptCall[] = [...FURNISHED]
    let epoch = 1
    let headVersion = 0
    let nowMs = 1_000_000
    for (let left = 1 + below(7); left > 0; left--) {
      const name = pick(FUNCTIONS.slice(rarely() ? 0 : 1, rarely() ? 12 : 11))
      const advanceMs = pick([0, 1, 500, 1_000, DAY_MS])
      nowMs += advanceMs
      const sender = rarely() ? pick(EVERYONE) : name === 'set_head' ? pick([OWNER, PEOPLE.writer, PEOPLE.guest]) : OWNER
      const common = { sender, advanceMs, who: pick(EVERYONE.slice(rarely() ? 0 : 1)), target: below(40) === 0 ? 1 : 0 }
      const off = rarely() ? below(3) - 1 : 0
      if (name === 'rotate') {
        const sizes = rarely()
          ? pick([
              [0, 0],
              [8_192, 16_000],
              [8_193, 0],
              [1, 16_001],
            ] as const)
          : ([30, 60] as const)
        script.push(
          call(name, {
            ...common,
            number: BigInt(Math.max(0, epoch + off)),
            first: bytes(sizes[0], epoch),
            second: bytes(sizes[1]),
            third: bytes(below(20)),
          }),
        )
        epoch++
      } else if (name === 'set_head') {
        const first = bytes(rarely() ? pick([0, 31, 33]) : 32, headVersion)
        script.push(call(name, { ...common, number: BigInt(Math.max(0, headVersion + off)), first }))
        headVersion++
      } else if (name === 'add_member') {
        const number = below(2) === 0 ? 0n : BigInt(nowMs + (rarely() ? 0 : 1 + below(2_000)))
        script.push(call(name, { ...common, other: BigInt(rarely() ? 2 : below(2)), number }))
      } else if (name === 'set_timelock') {
        script.push(call(name, { ...common, number: BigInt(nowMs + (rarely() ? 0 : 1 + below(2_000))) }))
      } else if (name === 'set_successor') {
        script.push(call(name, { ...common, number: pick([BigInt(DAY_MS), BigInt(2 * DAY_MS), 2n ** 64n - 1n, BigInt(DAY_MS - 1)]) }))
      } else if (name === 'remove_member') {
        script.push(call(name, { ...common, who: pick([PEOPLE.reader, PEOPLE.writer, PEOPLE.guest]) }))
      } else {
        script.push(call(name, { ...common, number: BigInt(epoch), first: bytes(rarely() ? 1_025 : below(30)), second: bytes(3) }))
      }
    }
    if (below(4) > 0) {
      const identity = rarely() ? pick(IDENTITIES) : { epoch }
      script.push(approve(below(4), pick(EVERYONE), identity, { advanceMs: pick([0, 999, 1_000, DAY_MS, 2 * DAY_MS]) }))
    }
    return script
  })
}

/** All scripts of the differential test. */
export function allScripts(): ScriptCall[][] {
  return [...corners(), ...approvals(), ...sequences(240)]
}
