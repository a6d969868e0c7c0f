import { LocalCoreClient } from '../../../src/localnet/core-client.ts'
import { createLedger } from '../../../src/localnet/ledger/create-ledger.ts'
import { testnet } from '../../../src/network.ts'
import { Ed25519Keypair } from '@mysten/sui/keypairs/ed25519'
import { TESTNET_WALRUS_PACKAGE_CONFIG } from '@mysten/walrus'
import { describe, expect, it } from 'vitest'

const signer = Ed25519Keypair.generate()
const clientOf = (network: string) => new LocalCoreClient(createLedger(), { network })

describe('testnet', () => {
  it('names services that can lose a key server, and the ids the Walrus package names', () => {
    const network = testnet({ client: clientOf('testnet'), signer, policyPackageId: '0x123' })
    const { servers, threshold } = network.seal
    const shares = servers.reduce((sum, server) => sum + server.weight, 0)
    expect(threshold).toBeGreaterThanOrEqual(2)
    expect(threshold).toBeLessThan(shares)
    const { systemObjectId, stakingPoolId } = TESTNET_WALRUS_PACKAGE_CONFIG
    expect(network.walrus).toMatchObject({ systemObjectId, stakingPoolId, nShards: 1000, maxEpochs: 53 })
  })

  it('takes replacements, but not for the policy package', () => {
    const network = testnet({
      client: clientOf('testnet'),
      signer,
      policyPackageId: '0x123',
      seal: { threshold: 3 },
      walrus: { aggregators: ['https://mine.example'] },
    })
    expect(network.seal).toMatchObject({ threshold: 3, policyPackageId: '0x123' })
    expect(network.walrus.aggregators).toEqual(['https://mine.example'])
  })

  it('refuses a client of another network and an id that is none', () => {
    expect(() => testnet({ client: clientOf('localnet'), signer, policyPackageId: '0x123' })).toThrow(
      expect.objectContaining({ code: 'chain/wrong-network' }),
    )
    expect(() => testnet({ client: clientOf('testnet'), signer, policyPackageId: 'locket' })).toThrow(
      expect.objectContaining({ code: 'usage/invalid-argument' }),
    )
  })
})
