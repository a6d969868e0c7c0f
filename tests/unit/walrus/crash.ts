import type { Signer } from '@mysten/sui/cryptography'
import type { SuiClientTypes } from '@mysten/sui/client'
import { LocalCoreClient } from '../../../src/localnet/core-client.ts'
import type { UploadJournal } from '../../../src/walrus/types.ts'
import type { EngineBench } from './engine-bench.ts'

/** Where a run is cut off: at the n-th thing it does to the outside world, before or after that takes effect. */
export type CrashPoint = { readonly event: number; readonly phase: 'before' | 'after' }

/**
 * The outside world of one run: journal, wallet, full node, upload hosts. At
 * the crash point it stops answering (`kill`, as when a tab dies) or throws once (`throw`).
 */
export function crashingWorld(bench: EngineBench, journal: UploadJournal, point: CrashPoint | undefined, mode: 'kill' | 'throw') {
  const events: string[] = []
  let isDead = false
  let die!: () => void
  const died = new Promise<'died'>((resolve) => {
    die = () => resolve('died')
  })
  const crash = (): Promise<never> => {
    if (mode === 'throw') throw new Error('the test cuts this run off')
    isDead = true
    die()
    return new Promise(() => {})
  }
  async function event<T>(name: string, run: () => Promise<T>): Promise<T> {
    if (isDead) return new Promise(() => {})
    const index = events.push(name) - 1
    const isHere = (phase: CrashPoint['phase']) => point?.event === index && point.phase === phase
    if (isHere('before')) return crash()
    const result = await run()
    if (isHere('after')) return crash()
    return result
  }
  class CrashingClient extends LocalCoreClient {
    override executeTransaction<Include extends SuiClientTypes.TransactionInclude = {}>(
      options: SuiClientTypes.ExecuteTransactionOptions<Include>,
    ): Promise<SuiClientTypes.TransactionResult<Include>> {
      return event('execute', () => super.executeTransaction(options))
    }
  }
  const signer = {
    toSuiAddress: () => bench.address,
    signTransaction: (bytes: Uint8Array) => event('sign', () => bench.signer.signTransaction(bytes)),
  } as unknown as Signer
  const fetch: typeof globalThis.fetch = (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input)
    const isUpload = (init?.method === 'POST' || init?.method === 'PUT') && !url.hostname.startsWith('node-')
    return isUpload ? event('send', () => bench.walrus.fetch(input, init)) : bench.walrus.fetch(input, init)
  }
  return {
    events,
    died,
    overrides: { client: new CrashingClient(bench.ledger), signer, network: { fetch } },
    journal: { load: journal.load, save: (state) => event('save', () => journal.save(state)) } satisfies UploadJournal,
  }
}
