import { describe, expect, it } from 'vitest'
import { systemClock, systemEntropy } from '../../src/core/capabilities.ts'
import { localnet } from '../../src/localnet/localnet.ts'
import { createSealEngine } from '../../src/seal/index.ts'
import { codeOf } from '../helpers/code-of.ts'
import { mapStore } from '../helpers/map-store.ts'

describe('the Seal engine in a browser', () => {
  it('shares a space, rotates its key away from a removed member, and forgets on lock', async () => {
    await using net = await localnet()
    const deps = { client: net.client, network: net.seal, clock: net.clock, entropy: systemEntropy() }
    const ann = await net.createWallet()
    const sessionStore = mapStore()
    const owner = createSealEngine({ ...deps, signer: net.signer, sessionStore })
    const reader = createSealEngine({ ...deps, signer: ann })

    const space = await owner.createSpace({ label: 'family' })
    await owner.addMember(space.id, { address: ann.toSuiAddress(), role: 'reader' })
    const key = (await reader.keysOf(space.id)).keyOf(0)
    expect(key).toEqual((await owner.keysOf(space.id)).keyOf(0))
    expect(await reader.labelOf(space.id)).toBe('family')

    await owner.removeMember(space.id, ann.toSuiAddress())
    await reader.getSpace(space.id)
    expect(await codeOf(reader.keysOf(space.id))).toBe('seal/no-access')

    // Another tab of the owner's: one wallet signature for both.
    await owner.startSession()
    let prompts = 0
    const signer = Object.assign(Object.create(net.signer) as typeof net.signer, {
      signPersonalMessage: (bytes: Uint8Array) => {
        prompts++
        return net.signer.signPersonalMessage(bytes)
      },
    })
    const tab = createSealEngine({ ...deps, signer, sessionStore })
    const keys = await tab.keysOf(space.id)
    expect(keys.keyOf(0)).toEqual(key)
    expect(prompts).toBe(0)
    await tab.lock()
    expect(() => keys.keyOf(1)).toThrow(expect.objectContaining({ code: 'usage/wrong-state' }))
  })

  it('works on a device whose clock is five minutes ahead', async () => {
    await using net = await localnet({ clock: { ...systemClock(), nowMs: () => systemClock().nowMs() - 300_000 } })
    const deps = { client: net.client, signer: net.signer, network: net.seal, clock: systemClock(), entropy: systemEntropy() }
    const { id } = await createSealEngine(deps).createSpace()
    expect((await createSealEngine(deps).keysOf(id)).keyOf(0)).toHaveLength(32)
  })
})
