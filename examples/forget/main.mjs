// Forgetting destroys the key: what storage nodes still hold is noise, and the receipt says how much and until when.
import { isLocketError, openLocket } from '@locket/sdk'
import { localnet } from '@locket/sdk/localnet'

const network = await localnet()
const locket = await openLocket({ network })
const secret = await locket.remember('The PIN is 4711')
await locket.remember('The bank is open until four')
await locket.flush()

const [receipt] = await locket.forget(secret.id)
console.log('key destroyed:', receipt.keyDestroyed)
for (const { untilEpoch } of receipt.remaining) console.log('ciphertext remains until epoch', untilEpoch)

try {
  await locket.get(secret.id)
} catch (error) {
  if (!isLocketError(error, 'memory/forgotten')) throw error
  console.log(`${error.code}: ${error.remedy}`)
}
await locket.close()

const elsewhere = await openLocket({ network }) // the same wallet on another device
await elsewhere.restore()
console.log('left on another device:', (await elsewhere.list()).memories.map(({ text }) => text).join())
await elsewhere.close()
