import type { DryRun, Ledger, LedgerObject } from '../../../src/localnet/ledger/types.ts'

export type StubLedger = Ledger & {
  /** What the next dry runs say. */
  verdict: DryRun
  /** Every dry run asked for. */
  readonly runs: { sender: string; kindBytes: Uint8Array }[]
  timeMs: number
}

/** A ledger that keeps objects and lets the test decide the dry runs. */
export function stubLedger(): StubLedger {
  const objects = new Map<string, LedgerObject>()
  const refuse = () => {
    throw new Error('not part of this test')
  }
  let ids = 0n
  return {
    verdict: { ok: true, events: [] },
    runs: [],
    timeMs: 1_900_000_000_500,
    nowMs() {
      return this.timeMs
    },
    epoch: () => 1,
    freshId: () => `0x${(++ids).toString(16).padStart(64, '0')}`,
    get: (id) => objects.get(id),
    place: ({ id, type, contents, owner }) => {
      objects.set(id, { id, type, contents: Uint8Array.from(contents), owner, version: 1n, previousTransaction: null })
    },
    placeField: ({ parent, name, value }) => {
      const id = `0x${(++ids).toString(16).padStart(64, 'f')}`
      const owner = { kind: 'object', parent } as const
      objects.set(id, { id, type: 'field', contents: Uint8Array.from([...name, ...value]), owner, version: 1n, previousTransaction: null })
      return id
    },
    registerTwin: refuse,
    onEpochChange: refuse,
    publish: (packageId) => {
      objects.set(packageId, {
        id: packageId,
        type: 'package',
        contents: new Uint8Array(),
        owner: { kind: 'immutable' },
        version: 1n,
        previousTransaction: null,
      })
    },
    dryRun(call) {
      this.runs.push(call)
      return this.verdict
    },
  }
}
