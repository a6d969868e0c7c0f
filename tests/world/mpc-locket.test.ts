import { Transaction } from '@mysten/sui/transactions'
import { verifyPersonalMessageSignature } from '@mysten/sui/verify'
import { describe, expect, it } from 'vitest'
import { memoryStorage, openLocket } from '../../src/index.ts'
import { localnet } from '../../src/localnet/index.ts'
import { sign } from '../../src/mpc/sign.ts'
import { createSuiSigner, suiMessageToSign, type SuiSignRequest } from '../../src/mpc/sui-signer.ts'
import type { Suite, ThresholdKey } from '../../src/mpc/types.ts'
import { codeOf } from '../helpers/code-of.ts'
import { createRealWorld, type RealWorld } from '../helpers/mpc/real-world.ts'
import { cheapUnlock } from '../helpers/mpc/unlock.ts'

/** A Sui signer of two members. The second looks at the request itself and signs what it finds in it. */
function signerOf(world: RealWorld, key: ThresholdKey, participants: readonly [number, number], seen: SuiSignRequest[] = []) {
  return createSuiSigner({
    key,
    async sign({ message, ...request }) {
      seen.push(request)
      const invitation = world.invite()
      const [first, second] = participants
      const [signature] = await world.run(
        Promise.all([
          sign(world.party(first), { keyId: key.id, participants, message }, invitation),
          sign(world.party(second), { keyId: key.id, participants, message: suiMessageToSign(key.suite, request) }, invitation),
        ]),
      )
      return signature
    },
  })
}

describe.each<Suite>(['frost-ed25519', 'ecdsa-secp256k1'])('a Sui wallet of %s', (suite) => {
  it('signs messages that verify, and a transaction that the chain executes', async () => {
    const world = await createRealWorld(['agent', 'person', 'recovery'])
    const key = await world.create(suite)
    const seen: SuiSignRequest[] = []
    const signer = await signerOf(world, key, [1, 2], seen)
    const message = new TextEncoder().encode('it is me')
    const { signature } = await signer.signPersonalMessage(message)
    const verified = await verifyPersonalMessageSignature(message, signature)
    expect(verified.toSuiAddress()).toBe(signer.toSuiAddress())

    const network = await localnet({ signer })
    const transaction = new Transaction()
    transaction.transferObjects([transaction.splitCoins(transaction.gas, [1_000])], network.signer.toSuiAddress())
    const result = await signer.signAndExecuteTransaction({ transaction, client: network.client })
    expect(result.$kind).toBe('Transaction')
    expect(seen.map(({ intent }) => intent)).toEqual(['PersonalMessage', 'TransactionData'])
  })

  it('owns a locket that another quorum restores', async () => {
    const world = await createRealWorld(['agent', 'person', 'recovery'])
    const key = await world.create(suite)
    const network = await localnet({ signer: await signerOf(world, key, [1, 2]) })
    const locket = await openLocket({ network, storage: memoryStorage(), unlock: cheapUnlock() })
    await locket.remember('The spare key hangs behind the boiler')
    await locket.flush()
    await locket.close()

    const others = { ...network, signer: await signerOf(world, key, [2, 3]) }
    const found = await openLocket({ network: others, storage: memoryStorage(), unlock: cheapUnlock('another device') })
    expect(await found.restore()).toMatchObject({ restored: 1, found: 1 })
    const [hit] = await found.recall('where is the spare key?')
    expect(hit?.memory.text).toBe('The spare key hangs behind the boiler')
    await found.close()
  })
})

it('cannot unlock a locket, whose key must come out the same each time, and says what can', async () => {
  const world = await createRealWorld(['agent', 'person'])
  const key = await world.create('frost-ed25519')
  const seen: SuiSignRequest[] = []
  const network = await localnet({ signer: await signerOf(world, key, [1, 2], seen) })
  expect(await codeOf(openLocket({ network, storage: memoryStorage() }))).toBe('unlock/unavailable')
  expect(seen).toEqual([])
})

it('has no Taproot keys and no unknown intents', async () => {
  const key = { suite: 'frost-taproot', publicKey: new Uint8Array(32) } as const
  expect(await codeOf(createSuiSigner({ key, sign: async () => new Uint8Array(64) }))).toBe('usage/unsupported')
  expect(() => suiMessageToSign('frost-ed25519', { intent: 'Nothing' as never, bytes: new Uint8Array() })).toThrow(/usage\/unsupported/)
})
