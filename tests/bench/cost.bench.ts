import { localnet } from '../../src/localnet/localnet.ts'
import { openLocket } from '../../src/locket/open-locket.ts'
import { row, type Row } from './row.ts'
import { diaryTexts } from './texts.ts'

const MEMORIES = 600

/** 600 memories of 10 kB on 1000 shards: what one flush quotes, costs and asks of the wallet. */
export async function benchCost(): Promise<Row[]> {
  const network = await localnet({ nShards: 1000 })
  const locket = await openLocket({ network })
  const outcomes = await locket.remember(diaryTexts({ count: MEMORIES, lengthUnits: 10_000 }).map((text) => ({ text })))
  const refused = outcomes.filter(({ ok }) => !ok).length
  const quote = await locket.cost()
  const receipt = await locket.flush()
  await locket.close()
  const label = `${MEMORIES} memories of 10 kB, 1000 shards`
  return [
    row(`${label}: memories in the flush`, receipt.memories, '', { atLeast: MEMORIES - refused }),
    row(`${label}: quilts`, receipt.quilts.length, '', { below: 2 }),
    row(`${label}: signatures of the upload`, receipt.signatures, '', { below: 3 }),
    row(`${label}: quoted saving over single blobs`, quote.savingFactor, 'x', { atLeast: 380 }),
    row(`${label}: paid above the quote`, Number(receipt.costFrost - quote.totalFrost), 'FROST', { below: 1 }, Number(quote.totalFrost)),
  ]
}
