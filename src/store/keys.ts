/**
 * An async iteration over `keys`, filtered and sorted. Takes a promise so that
 * an adapter's `list` can start reading when it is called and not when it is
 * first iterated, as the port asks.
 */
export function iterateKeys(keys: Promise<readonly string[]>): AsyncIterable<string> {
  // Nobody may ever iterate; the failure is theirs to see, not an unhandled rejection.
  keys.catch(() => {})
  return {
    async *[Symbol.asyncIterator]() {
      yield* await keys
    },
  }
}

/** The keys starting with `prefix`, ascending by code unit. */
export function selectKeys(keys: Iterable<string>, prefix: string): readonly string[] {
  const selected: string[] = []
  for (const key of keys) if (key.startsWith(prefix)) selected.push(key)
  // The default order of strings is by code unit.
  return selected.toSorted()
}

/** All keys of an iteration, in its order. */
export async function collectKeys(keys: AsyncIterable<string>): Promise<string[]> {
  const out: string[] = []
  for await (const key of keys) out.push(key)
  return out
}
