import { it } from 'vitest'
import { openWalrusBench } from '../../helpers/localnet/walrus-bench.ts'
it('dbg', async () => {
  const b = await openWalrusBench()
  console.log(await b.sui.listCoins({ owner: b.address, coinType: '0x2::sui::SUI' }), await b.sui.getBalance({ owner: b.address }), await b.sui.listCoins({ owner: b.address, coinType: b.walrus.walType }))
  const tx = b.client().registerBlobTransaction({ size: 10, epochs: 1, blobId: 'M4hsZGQ1oCktdzegB6HnI6Mi28S2nqOPHxK-W7_4BUk', rootHash: new Uint8Array(32), deletable: true, owner: b.address })
  tx.setSender(b.address)
  console.log(JSON.stringify(tx.getData(), null, 1))
})
