import { expect, it } from 'vitest'
import { forget } from '../../../src/memory/forget.ts'
import { newMemoryId, rememberAll } from '../../../src/memory/remember.ts'
import type { Memory, Outcome } from '../../../src/memory/types.ts'
import { updateMemory } from '../../../src/memory/update.ts'
import { createFakeNetwork } from '../../helpers/fake-network.ts'
import { emptyDisk, openDevice } from '../../helpers/memory-device.ts'
import { seededEntropy } from '../../helpers/seeded-entropy.ts'

const entropy = seededEntropy('remember ids')
const told = (outcomes: readonly Outcome<Memory>[]) =>
  outcomes.map((outcome) => (outcome.ok ? `${outcome.value.text} ${outcome.value.version}` : outcome.error.code))

it('keeps a memory once under the id it is given, however often it is told, also by another opening of the disk', async () => {
  const network = createFakeNetwork(entropy)
  const disk = emptyDisk()
  const ids = [newMemoryId(entropy), newMemoryId(entropy)]
  const inputs = [{ text: 'one' }, { text: 'two' }]
  const state = await openDevice(network, entropy, disk)
  const outcomes = await rememberAll(state, inputs, { ids })
  expect(outcomes.map((outcome) => outcome.ok && outcome.value.id)).toEqual(ids)
  expect(await rememberAll(state, inputs, { ids })).toEqual(outcomes)
  const again = await openDevice(network, entropy, disk)
  expect(await rememberAll(again, inputs, { ids })).toEqual(outcomes)
  expect(again.catalog.size).toBe(2)
})

it('answers with what was kept then, although it was updated since, and says of what was forgotten that it was', async () => {
  const state = await openDevice(createFakeNetwork(entropy), entropy)
  const ids = [newMemoryId(entropy), newMemoryId(entropy), newMemoryId(entropy)] as const
  const inputs = [{ text: 'one' }, { text: 'two' }, { text: 'three' }]
  await rememberAll(state, inputs.slice(0, 2), { ids: ids.slice(0, 2) })
  await updateMemory(state, ids[0], { text: 'one and a half' })
  await forget(state, [ids[1]], { epochs: 5, deletable: true })
  expect(told(await rememberAll(state, inputs, { ids }))).toEqual(['one 1', 'memory/forgotten', 'three 1'])
  expect(state.catalog.size).toBe(2)
})

it('refuses what is no id, and an id that is missing', async () => {
  const state = await openDevice(createFakeNetwork(entropy), entropy)
  const outcomes = await rememberAll(state, [{ text: 'one' }, { text: 'two' }], { ids: ['../vault'] })
  expect(told(outcomes)).toEqual(['memory/unknown-id', 'memory/unknown-id'])
  expect(state.catalog.size).toBe(0)
})
