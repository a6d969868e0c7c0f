import type { ProtocolMessageCertificate, SliversForNode, WalrusClient } from '@mysten/walrus'
import { isAbort } from '../core/abort.ts'
import { LocketError } from '../core/errors.ts'
import type { WalrusContext } from './context.ts'
import { withDeadline } from './deadline.ts'

export type SendRequest = {
  readonly bytes: Uint8Array
  readonly blobId: string
  readonly blobObjectId: string
  readonly deletable: boolean
  readonly signal?: AbortSignal | undefined
}

type Confirmation = Awaited<ReturnType<WalrusClient['getStorageConfirmationFromNode']>> | null

const OPERATION = 'walrus.upload'

/**
 * Sends slivers straight to the storage nodes until enough of them confirmed:
 * more than two thirds of the shards by weight, and of the nodes by number.
 * Then waits a moment for others, and stops. Nodes that hang or fail are
 * outvoted; those that already hold the slivers only confirm.
 *
 * @throws {LocketError} `walrus/unavailable` as soon as no quorum is possible, or at the deadline.
 */
export async function sendToNodes(context: WalrusContext, request: SendRequest): Promise<ProtocolMessageCertificate> {
  const sdk = await context.sdk()
  return withDeadline((stop) => collect(context, sdk, request, stop), {
    clock: context.clock,
    timeoutMs: context.timeouts.uploadMs,
    operation: OPERATION,
    code: 'walrus/unavailable',
    signal: request.signal,
  })
}

async function collect(
  context: WalrusContext,
  sdk: WalrusClient,
  request: SendRequest,
  stop: AbortSignal,
): Promise<ProtocolMessageCertificate> {
  const { blobId, blobObjectId, deletable } = request
  const { metadata, sliversByNode } = await sdk.encodeBlob(request.bytes)
  const shards = sliversByNode.map((slivers: SliversForNode) => slivers.primary.length)
  const tally = createTally(shards)
  const confirmations: Confirmation[] = sliversByNode.map(() => null)
  const finished = new AbortController()
  const signal = AbortSignal.any([stop, finished.signal])
  const persistence = deletable ? ({ deletable: true, objectId: blobObjectId } as const) : ({ deletable: false } as const)

  const quorum = new Promise<void>((resolve, reject) => {
    const send = async (slivers: SliversForNode, nodeIndex: number) => {
      try {
        confirmations[nodeIndex] = await sdk.writeEncodedBlobToNode({ blobId, nodeIndex, metadata, slivers, signal, ...persistence })
      } catch {
        // A node that fails is outvoted; which one it was shows in the tally.
      }
      tally.settle(nodeIndex, confirmations[nodeIndex] !== null)
      if (tally.isQuorum()) resolve()
      else if (tally.isLost()) reject(tooFew(tally))
    }
    for (const [nodeIndex, slivers] of sliversByNode.entries()) void send(slivers, nodeIndex)
  })
  try {
    await quorum
    if (!tally.isComplete()) await context.clock.sleep(context.timeouts.graceMs, { signal: stop })
    return await sdk.certificateFromConfirmations({ confirmations, blobId, blobObjectId, deletable })
  } catch (error) {
    if (isAbort(error, { signal: stop }) || error instanceof LocketError) throw error
    // Confirmations that do not verify: the SDK counts the good ones.
    throw new LocketError('walrus/unavailable', { operation: OPERATION, message: 'too few confirmations are valid', cause: error })
  } finally {
    finished.abort()
  }
}

type Tally = ReturnType<typeof createTally>

function createTally(shards: readonly number[]) {
  const total = shards.reduce((sum, weight) => sum + weight, 0)
  const needed = { weight: Math.floor((2 * total) / 3) + 1, nodes: 2 * Math.floor((shards.length - 1) / 3) + 1 }
  const good = { weight: 0, nodes: 0 }
  const bad = { weight: 0, nodes: 0 }
  return {
    good,
    bad,
    settle(node: number, confirmed: boolean) {
      const side = confirmed ? good : bad
      side.weight += shards[node] as number
      side.nodes += 1
    },
    isQuorum: () => good.weight >= needed.weight && good.nodes >= needed.nodes,
    isLost: () => total - bad.weight < needed.weight || shards.length - bad.nodes < needed.nodes,
    isComplete: () => good.nodes + bad.nodes === shards.length,
  }
}

function tooFew(tally: Tally): LocketError {
  return new LocketError('walrus/unavailable', {
    operation: OPERATION,
    message: 'too few storage nodes took the blob',
    details: { confirmedNodes: tally.good.nodes, failedNodes: tally.bad.nodes, confirmedShards: tally.good.weight },
  })
}
