/** Where the answer of {@link tinyCore} lies. */
const ANSWER_AT = 2_048

const leb = (value: bigint): number[] => {
  // Signed LEB128.
  const out: number[] = []
  for (let rest = value; ; ) {
    const byte = Number(rest & 0x7fn)
    rest >>= 7n
    const isLast = (rest === 0n && (byte & 0x40) === 0) || (rest === -1n && (byte & 0x40) !== 0)
    out.push(isLast ? byte : byte | 0x80)
    if (isLast) return out
  }
}
const text = (name: string) => [name.length, ...new TextEncoder().encode(name)]
const section = (id: number, ...bytes: number[]) => [id, ...uleb(bytes.length), ...bytes]
const uleb = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...uleb(value >> 7)])
const code = (...bytes: number[]) => [...uleb(bytes.length + 2), 0, ...bytes, 0x0b]

const [I32, I64] = [0x7f, 0x7e]

/**
 * A module of the core's shape, assembled by hand, whose `call` does one thing: traps, or gives a fixed
 * answer, having asked for random bytes first or not.
 */
export function tinyCore(behaviour: {
  readonly answer?: readonly number[]
  readonly traps?: boolean
  readonly draws?: boolean
}): Uint8Array<ArrayBuffer> {
  const { answer = [0], traps = false, draws = false } = behaviour
  const draw = [0x41, ...leb(4_096n), 0x41, ...leb(32n), 0x10, 0, 0x1a]
  const result = leb((BigInt(ANSWER_AT) << 32n) | BigInt(answer.length))
  const types = [0x60, 2, I32, I32, 1, I32, 0x60, 1, I32, 1, I32, 0x60, 2, I32, I32, 0, 0x60, 3, I32, I32, I32, 1, I64]
  const exported = [text('memory'), [2, 0], text('alloc'), [0, 1], text('free'), [0, 2], text('call'), [0, 3]].flat()
  const body = traps ? [0x00] : (draws ? draw : []).concat(0x42, result)
  return Uint8Array.from(
    [
      [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      section(1, 4, ...types),
      section(2, 1, ...text('env'), ...text('random_fill'), 0, 0),
      section(3, 3, 1, 2, 3),
      section(5, 1, 0, 1),
      section(7, 4, ...exported),
      section(10, 3, ...code(0x41, ...leb(1_024n)), ...code(), ...code(...body)),
      section(11, 1, 0, 0x41, ...leb(BigInt(ANSWER_AT)), 0x0b, ...uleb(answer.length), ...answer),
    ].flat(),
  )
}
