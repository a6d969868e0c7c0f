import { localnet } from '@locket/sdk/localnet'
import { openLocket } from '@locket/sdk'

const locket = await openLocket({ network: await localnet() })
await locket.remember('Allergic to peanuts since 2019', { category: 'medical' })
const [hit] = await locket.recall('which food am I allergic to?')
console.log(hit.memory.text)
await locket.close()
