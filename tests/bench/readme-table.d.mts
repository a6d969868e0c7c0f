/** Markdown of `results`, between the markers of `readme`. Throws if the markers are missing. */
export function withBenchTable(
  readme: string,
  results: {
    readonly node: string
    readonly cores: number
    readonly cpu: string | undefined
    readonly rows: readonly {
      readonly name: string
      readonly value: number
      readonly unit: string
      readonly baseline: unknown
      readonly target: unknown
      readonly met: boolean | null
    }[]
  },
): string
