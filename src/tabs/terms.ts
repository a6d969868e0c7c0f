import { LocketError } from '../core/errors.ts'

/** What two tabs must agree on to share a locket. Public knowledge. */
export type Terms = {
  /** Of the messages between tabs: an update of the page may run beside the page before it. */
  readonly protocol: number
  readonly address: string
  readonly network: string
  readonly policyPackageId: string
  /** Id of the embedder: a tab whose texts go nowhere must not have them sent by another. */
  readonly embedder: string
}

/** Version of the messages between tabs. */
export const PROTOCOL = 1

/** Why a tab that comes with `theirs` is not let in, if it is not. */
export function refusalOf(theirs: Terms, ours: Terms): LocketError | undefined {
  const operation = 'locket.open'
  if (theirs.protocol !== ours.protocol) {
    return new LocketError('store/locked', { operation, message: 'a tab with another version of Locket has it open; reload that tab' })
  }
  if (theirs.network !== ours.network || theirs.policyPackageId !== ours.policyPackageId) {
    return new LocketError('chain/wrong-network', {
      operation,
      message: 'another tab has it open for another network',
      details: { network: theirs.network },
    })
  }
  if (theirs.address !== ours.address) {
    return new LocketError('unlock/failed', { operation, message: 'another tab has it open for another wallet' })
  }
  if (theirs.embedder !== ours.embedder) {
    return new LocketError('index/model-mismatch', {
      operation,
      message: 'another tab has it open with another embedder',
      details: { expected: ours.embedder, received: theirs.embedder },
    })
  }
  return undefined
}
