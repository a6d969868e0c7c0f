// A diary, line by line: every line has its own outcome, the price is known before it is paid, and one quilt holds them all.
import { openLocket } from '@locket/sdk'
import { localnet } from '@locket/sdk/localnet'

const diary = `1660-09-25 I did send for a cup of tee (a China drink) of which I never had drank before
1663-04-10 Drank a sort of French wine, called Ho Bryan, that hath a good and most particular taste
1666-09-04 Sir W. Pen and I did dig another, and put our wine in it; and I my Parmazan cheese
1669-05-31 `

const inputs = diary.split('\n').map((line) => ({
  text: line.slice(11).trim(),
  occurredAtMs: Date.parse(line.slice(0, 10)),
  category: 'memories',
  source: 'diary',
}))

const locket = await openLocket({ network: await localnet() })
const outcomes = await locket.remember(inputs)
for (const outcome of outcomes) {
  if (outcome.ok) console.log('kept:', outcome.value.text.slice(0, 40))
  else console.log(`line ${outcome.index + 1} refused: ${outcome.error.code}`)
}

const { quilts, totalFrost, savingFactor } = await locket.cost()
console.log(`${quilts} quilt, ${savingFactor.toFixed(1)} times cheaper than single blobs`)
const { memories, signatures } = await locket.flush({ maxCostFrost: totalFrost })
console.log(`uploaded ${memories} memories with ${signatures} signatures`)

const [hit] = await locket.recall('where is the cheese?', { filter: { source: 'diary' } })
console.log(new Date(hit.memory.occurredAtMs).toISOString().slice(0, 10), hit.memory.text)
await locket.close()
