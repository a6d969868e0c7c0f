const OPERATORS = ['+', '-', '*', '/', '%', '&', '|', '^'] as const
const COMPARISONS = ['<', '>', '<=', '>=', '==', '!='] as const

/** The integer types, and what each is tested with. */
const WIDTHS = [8, 16, 32, 64, 128, 256] as const

/** A module with every integer operation and cast, one function for each. */
export function numbersModule(): string {
  const functions = WIDTHS.flatMap((bits) => [
    ...OPERATORS.map((operator, i) => `public fun u${bits}_operator_${i}(a: u${bits}, b: u${bits}): u${bits} { a ${operator} b }`),
    ...COMPARISONS.map((operator, i) => `public fun u${bits}_comparison_${i}(a: u${bits}, b: u${bits}): bool { a ${operator} b }`),
    `public fun u${bits}_left(a: u${bits}, b: u8): u${bits} { a << b }`,
    `public fun u${bits}_right(a: u${bits}, b: u8): u${bits} { a >> b }`,
    ...WIDTHS.map((to) => `public fun u${bits}_to_u${to}(a: u${bits}): u${to} { a as u${to} }`),
    // Two of them, so that the literal's whole width is pushed and decoded.
    `public fun u${bits}_literals(a: u${bits}): bool { a == ${2n ** BigInt(bits) - 2n} || a == ${2n ** BigInt(bits - 1) + 1n} }`,
  ])
  return `module probe::numbers;\n${functions.join('\n')}\n`
}

export type NumberCase = { readonly name: string; readonly args: readonly { readonly bits: number; readonly value: bigint }[] }

/** Every operation on values at the edges of its type. */
export function numberCases(): NumberCase[] {
  return WIDTHS.flatMap((bits) => {
    const max = 2n ** BigInt(bits) - 1n
    const edges = [0n, 1n, 3n, max / 2n, max / 2n + 1n, max - 1n, max]
    const two = (a: bigint, b: bigint, bitsOfB: number = bits): NumberCase['args'] => [
      { bits, value: a },
      { bits: bitsOfB, value: b },
    ]
    // A diagonal walk through the pairs: each operation meets each edge on both sides, in as few cases as that takes.
    const walk = (i: number): readonly [bigint, bigint][] => edges.map((a, k) => [a, edges[(k * 3 + i) % edges.length] ?? 0n])
    return [
      ...OPERATORS.flatMap((_, i) => walk(i).map(([a, b]) => ({ name: `u${bits}_operator_${i}`, args: two(a, b) }))),
      ...COMPARISONS.flatMap((_, i) => walk(i).map(([a, b]) => ({ name: `u${bits}_comparison_${i}`, args: two(a, b) }))),
      ...['left', 'right'].flatMap((side) =>
        [0, 1, bits - 1, bits, 255]
          .filter((shift) => shift < 256)
          .map((shift) => ({ name: `u${bits}_${side}`, args: two(max - 1n, BigInt(shift), 8) })),
      ),
      ...WIDTHS.flatMap((to) => [1n, max].map((value) => ({ name: `u${bits}_to_u${to}`, args: [{ bits, value }] }))),
      ...[max - 1n, max / 2n + 2n, 5n].map((value) => ({ name: `u${bits}_literals`, args: [{ bits, value }] })),
    ]
  })
}
