import type { Bytes } from '../core/bytes.ts'
import { badArgument } from './checks.ts'
import { contextHash } from './context-hash.ts'
import type { CeremonyOptions, Party } from './flow.ts'
import { withKey } from './with-key.ts'
import { sized } from './wire.ts'

export type ExportKeyRequest = {
  readonly keyId: string
  /** Exactly as many members as the threshold. */
  readonly participants: readonly number[]
  /** Index of the participant who gets the whole key. */
  readonly receiver: number
}

/**
 * DANGEROUS: puts the whole key together on one device. From then on it is as
 * safe as that device, and the shares protect nothing. For leaving Locket, and for nothing else.
 *
 * Every participant calls this with the same request, each after its person agreed.
 *
 * @returns for the receiver the key, a scalar of 32 bytes as the suite writes it, which the caller overwrites; for others `undefined`.
 * @throws {LocketError} as `sign`.
 */
export async function dangerouslyExportKey(party: Party, request: ExportKeyRequest, options: CeremonyOptions): Promise<Bytes | undefined> {
  const { keyId, participants, receiver } = request
  if (!participants.includes(receiver)) throw badArgument('mpc.exportKey', 'receiver', 'the receiver is not among the participants')
  const context = contextHash('export', Uint8Array.of(receiver))
  const { current } = party.shares.record(keyId)
  return withKey(
    party,
    { protocol: 'export', keyId, participants, count: current?.threshold, context },
    options,
    async (flow, record, share) => {
      const who = Uint8Array.from(participants).toSorted()
      const secretKey = await flow.run([...sized(share), ...sized(who), Uint8Array.of(receiver)])
      await flow.session.finish({ signal: flow.signal })
      return receiver === record.current.self ? secretKey : undefined
    },
  )
}
