// Three devices make a key that none of them has. Any two sign; a lost device is replaced; the key stays.
import { createKey, invite, loadMpc, meetOver, openShareStore, planReshare, reshareKey, sign, verifySignature } from '@locket/sdk/mpc'
import { createMemoryHub, createMemoryRelay } from '@locket/sdk/relay'
import { createDeviceIdentity, encodeDeviceCard } from '@locket/sdk/relay/session'
import { createMemoryStore } from '@locket/sdk/store'
import { passphraseUnlock } from '@locket/sdk/unlock'

const hub = createMemoryHub() // in real life: a relay between the devices, which nobody has to trust
const quick = { cost: { memoryKib: 1024, iterations: 1 }, acceptRisk: 'cheap-to-guess' } // only so that this program is quick

async function device(name) {
  const identity = createDeviceIdentity({ fill: (out) => void crypto.getRandomValues(out) })
  const unlock = passphraseUnlock({ secretPassphrase: `${name} and a good passphrase`, ...quick })
  const shares = await openShareStore({ store: createMemoryStore(), unlock }) // in a page: the dual store
  const party = { shares, openMpc: () => loadMpc(), meeting: meetOver({ relay: createMemoryRelay({ hub }), identity }) }
  return { name, card: encodeDeviceCard(identity.card), party }
}
// The same step on several devices, which in real life each do it for themselves.
const together = (devices, step, options = { invitation: invite() }) => Promise.all(devices.map((each, at) => step(each, at, options)))
const signed = ([signature]) => verifySignature({ ...key, message, signature })

const [agent, person, drawer, phone] = await Promise.all(['agent', 'person', 'recovery', 'new phone'].map(device))
const members = [agent, person, drawer].map(({ name, card }, at) => ({ index: at + 1, name, card }))
const request = { suite: 'frost-ed25519', threshold: 2, members }
const [key] = await together([agent, person, drawer], ({ party }, at, options) => createKey(party, { ...request, self: at + 1 }, options))
console.log(`${key.threshold} of ${key.members.length}, epoch ${key.epoch}`)

const message = new TextEncoder().encode('pay the gardener')
const signBy =
  (participants) =>
  ({ party }, _, options) =>
    sign(party, { keyId: key.id, participants, message }, options)
console.log('agent and person sign:', await signed(await together([agent, person], signBy([1, 2]))))

const plan = planReshare(key, { dealers: [1, 3], members: [agent, phone, drawer] }) // the person lost a device
const [moved] = await together([agent, phone, drawer], ({ party, card }, _, options) => reshareKey(party, { plan, card }, options))
console.log(`epoch ${moved.epoch}, the same key: ${moved.id === key.id}`)
console.log('new phone and recovery sign:', await signed(await together([phone, drawer], signBy([2, 3]))))
