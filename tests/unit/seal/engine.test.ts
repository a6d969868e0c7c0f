import { beforeAll, describe, expect, it } from 'vitest'
import { sealWorld, type SealWorld } from '../../helpers/seal/seal-world.ts'

let world: SealWorld
beforeAll(async () => {
  world = await sealWorld()
})

describe('a space', () => {
  it('is created and opened again by another engine of the same wallet', async () => {
    const owner = world.wallet()
    const engine = world.engine(owner)
    const space = await engine.createSpace({ label: 'medical' })
    const keys = await engine.keysOf(space.id)
    expect(owner.prompts).toEqual({ messages: 0, transactions: 2 })
    const other = world.engine(owner)
    const again = await other.keysOf(space.id)
    expect(again.keyOf(0)).toEqual(keys.keyOf(0))
    expect(await other.labelOf(space.id)).toBe('medical')
    expect(owner.prompts).toEqual({ messages: 1, transactions: 2 })
  })
})
