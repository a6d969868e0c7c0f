import type { Localnet } from '@locket/sdk/localnet'

/** What the wallet has spent since the purse was made, in FROST and MIST. */
export type Purse = { spent(): Promise<{ readonly wal: bigint; readonly sui: bigint }> }

export async function createPurse(network: Localnet): Promise<Purse> {
  const owner = network.signer.toSuiAddress()
  const balance = async (coinType: string) => BigInt((await network.client.getBalance({ owner, coinType })).balance.balance)
  const read = async () => ({ wal: await balance(network.walType), sui: await balance('0x2::sui::SUI') })
  const before = await read()
  return {
    async spent() {
      const now = await read()
      return { wal: before.wal - now.wal, sui: before.sui - now.sui }
    },
  }
}
