import type { Fetch } from '../../../src/core/capabilities.ts'
import type { LocketStorage } from '../../../src/locket/storage.ts'
import type { BlobStore, StoreOp } from '../../../src/store/port.ts'

/** Times the state of one upload is written down on its way through a relay. */
const JOURNAL_ENTRIES = 6

/**
 * What a memory passes on its way from the call to the chain, in order: written
 * to the vault; its space made and given a key; its batch planned; each state of
 * the upload; registered, sent to the relay, certified; its vector on disk; moved
 * to the cache and out of the vault.
 */
const STEPS: readonly string[] = [
  'write',
  'create',
  'set-key',
  'plan',
  ...Array.from({ length: JOURNAL_ENTRIES }, (_, i) => `journal-${i + 1}`),
  'register',
  'send',
  'certify',
  'index',
  'settle-cache',
  'settle-vault',
]

/**
 * Every place a program may die: before anything took effect, and after each
 * step did but before anybody knows. What is before a step is after the last one.
 */
export const BOUNDARIES: readonly string[] = [`${STEPS[0]}-before`, ...STEPS.map((step) => `${step}-after`)]

/**
 * Wraps what a locket does to the outside world, so that `reach` is called at
 * each boundary. A `reach` that never returns is a death there.
 */
export function createFailpoints(reach: (boundary: string) => void | Promise<void>) {
  let journalEntries = 0

  async function passing<T>(steps: readonly string[], effect: () => Promise<T>): Promise<T> {
    for (const step of steps) await reach(`${step}-before`)
    const result = await effect()
    for (const step of steps) await reach(`${step}-after`)
    return result
  }

  function stepsOf(ops: readonly StoreOp[], place: 'vault' | 'cache'): string[] {
    const puts = (prefix: string) => ops.some(({ type, key }) => type === 'put' && key.startsWith(prefix))
    if (place === 'cache') return [...(puts('v/manifest') ? ['index'] : []), ...(puts('q/') ? ['settle-cache'] : [])]
    const isSettling = ops.some(({ type, key }) => type === 'delete' && key.startsWith('b/plan/'))
    return [
      ...(puts('m/') ? ['write'] : []),
      ...(puts('b/plan/') ? ['plan'] : []),
      ...(puts('b/upload/') ? [`journal-${++journalEntries}`] : []),
      ...(isSettling ? ['settle-vault'] : []),
    ]
  }

  const watched = (store: BlobStore, place: 'vault' | 'cache'): BlobStore => ({
    ...store,
    put: (key, value, options) => passing(stepsOf([{ type: 'put', key, value }], place), () => store.put(key, value, options)),
    batch: (ops, options) => passing(stepsOf(ops, place), () => store.batch(ops, options)),
  })

  return {
    storage: (inner: LocketStorage): LocketStorage => ({
      ...inner,
      async open(options) {
        const opened = await inner.open(options)
        return { ...opened, vault: watched(opened.vault, 'vault'), cache: watched(opened.cache, 'cache') }
      },
    }),
    /** For a connection to a localnet's server. */
    fetch:
      (inner: Fetch): Fetch =>
      async (input, init) => {
        const url = input instanceof Request ? input.url : String(input)
        if (url.includes('/v1/blob-upload-relay')) return passing(['send'], () => inner(input, init))
        const body = init?.body
        if (!url.endsWith('/rpc/executeTransaction') || typeof body !== 'string') return inner(input, init)
        return passing(callsOf(body), () => inner(input, init))
      },
  }
}

/** The steps a transaction takes, by the names of the functions it calls. */
function callsOf(body: string): string[] {
  const texts = [...body.matchAll(/"([A-Za-z0-9+/]{64,}=*)"/g)].map(([, encoded]) => atob(encoded as string))
  const calls = (name: string) => texts.some((text) => text.includes(name))
  if (calls('register_blob')) return ['register']
  if (calls('certify_blob')) return ['certify']
  if (calls('set_key')) return ['set-key']
  return calls('\u0006create') ? ['create'] : []
}
