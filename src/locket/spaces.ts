import type { Spaces } from '../memory/ports.ts'
import type { SealEngine } from '../seal/seal-engine.ts'

/** The memory engine's view of Seal. Loads the engine when it is first needed. */
export function createSpaces(address: string, seal: () => Promise<SealEngine>): Spaces {
  return Object.freeze<Spaces>({
    address,
    list: async (options) => (await seal()).listSpaces(options),
    get: async (spaceId, options) => (await seal()).getSpace(spaceId, options),
    create: async ({ category, unfinishedId, signal }) => (await seal()).createSpace({ spaceId: unfinishedId, label: category, signal }),
    labelOf: async (spaceId, options) => (await seal()).labelOf(spaceId, options),
    keysOf: async (spaceId, options) => (await seal()).keysOf(spaceId, options),
    prepareRotation: async (spaceId, options) => (await seal()).prepareRotation(spaceId, { ...options, destroyOlderKeys: true }),
    appendRotation: async (transaction, rotation) => (await seal()).appendRotation(transaction, rotation),
    appendSetHead: async (transaction, head) => (await seal()).appendSetHead(transaction, head),
  })
}
