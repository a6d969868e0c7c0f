/** CPU milliseconds of this process, all threads, while `work` ran: on a busy machine wall time says little. */
export async function cpuMsOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000
}

/** The middle value. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number
}

/** The value that a share of all are not above. */
export function percentile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] as number
}

/** Median CPU milliseconds of one call, over `rounds` rounds of `calls` calls after one round to warm up. */
export async function cpuMsPerCall(work: () => Promise<unknown>, { rounds, calls }: { rounds: number; calls: number }): Promise<number> {
  const measured: number[] = []
  for (let round = 0; round <= rounds; round++) {
    const spentMs = await cpuMsOf(async () => {
      for (let call = 0; call < calls; call++) await work()
    })
    if (round > 0) measured.push(spentMs / calls)
  }
  return median(measured)
}
