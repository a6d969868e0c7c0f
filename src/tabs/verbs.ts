import type { RememberOptions } from '../memory/remember.ts'
import type { MemoryInput } from '../memory/types.ts'
import type { OpenedLocket } from '../locket/open-alone.ts'

type Verb = {
  /** Which argument holds the options, and with them the signal. */
  readonly optionsAt: number
  /** Whether the call may be made again when the tab that ran it ended before it answered. What pays, or reports what it did, may not. */
  readonly isRepeatable: boolean
  /** Whether it may change the status without an event that says so. */
  readonly changesStatus: boolean
}

/** The verbs that are carried from tab to tab. */
export const TAB_VERBS = {
  // Repeated under the same ids: what had been kept is found by them.
  rememberAs: { optionsAt: 1, isRepeatable: true, changesStatus: false },
  recall: { optionsAt: 1, isRepeatable: true, changesStatus: false },
  get: { optionsAt: 1, isRepeatable: true, changesStatus: false },
  history: { optionsAt: 1, isRepeatable: true, changesStatus: false },
  list: { optionsAt: 0, isRepeatable: true, changesStatus: false },
  update: { optionsAt: 2, isRepeatable: false, changesStatus: false },
  forget: { optionsAt: 1, isRepeatable: false, changesStatus: true },
  cost: { optionsAt: 0, isRepeatable: true, changesStatus: true },
  flush: { optionsAt: 0, isRepeatable: false, changesStatus: true },
  restore: { optionsAt: 0, isRepeatable: true, changesStatus: true },
  renew: { optionsAt: 0, isRepeatable: false, changesStatus: true },
  share: { optionsAt: 2, isRepeatable: false, changesStatus: true },
  unshare: { optionsAt: 2, isRepeatable: false, changesStatus: true },
  export: { optionsAt: 1, isRepeatable: true, changesStatus: false },
  import: { optionsAt: 2, isRepeatable: false, changesStatus: false },
  checkKeyServers: { optionsAt: 0, isRepeatable: true, changesStatus: true },
} as const satisfies Record<string, Verb>

export type TabVerb = keyof typeof TAB_VERBS

/** Runs a verb of an open locket with the arguments it was given in some tab, and a signal. */
export async function runVerb(opened: OpenedLocket, verb: TabVerb, given: readonly unknown[], signal: AbortSignal | undefined) {
  const { optionsAt } = TAB_VERBS[verb]
  const args = Array.from({ length: Math.max(given.length, optionsAt + 1) }, (_, at) => given[at])
  args[optionsAt] = { ...(args[optionsAt] as object | undefined), signal }
  if (verb === 'rememberAs') return opened.rememberAs(args[0] as readonly MemoryInput[], args[1] as RememberOptions)
  const run = opened.locket[verb] as (...args: readonly unknown[]) => Promise<unknown>
  return run(...args)
}
