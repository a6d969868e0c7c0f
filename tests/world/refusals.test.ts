import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MAX_ITEM_BYTES, MAX_TAGS } from '../../src/core/limits.ts'
import { localnet } from '../../src/localnet/localnet.ts'
import { openLocket } from '../../src/locket/open-locket.ts'
import type { Locket } from '../../src/locket/types.ts'
import type { MemoryInput } from '../../src/memory/types.ts'

describe('a locket refuses', () => {
  let locket: Locket
  beforeAll(async () => {
    locket = await openLocket({ network: await localnet() })
  })
  afterAll(() => locket.close())

  it.each<[string, Partial<MemoryInput>, string]>([
    ['a memory without content', { text: ' ' }, 'text'],
    ['a text that UTF-8 cannot hold', { text: 'half a pair \ud800' }, 'text'],
    ['too many tags', { tags: Array.from({ length: MAX_TAGS + 1 }, (_, i) => `tag ${i}`) }, 'tags'],
    ['an empty category', { category: '' }, 'category'],
    ['an importance above one', { importance: 1.01 }, 'importance'],
    ['a time that is not one', { occurredAtMs: Number.NaN }, 'occurredAtMs'],
    ['validity that ends before it begins', { validFromMs: 2, validUntilMs: 1 }, 'validUntilMs'],
    ['a link to nothing', { links: ['not an id'] }, 'links'],
  ])('%s', async (_what, input, field) => {
    const [outcome] = await locket.remember([{ text: 'something', ...input }])
    expect(outcome).toMatchObject({ ok: false, index: 0, error: { code: 'memory/invalid-item', details: { field } } })
  })

  it('a memory above the limit, and keeps the one beside it', async () => {
    const outcomes = await locket.remember([{ text: 'x'.repeat(MAX_ITEM_BYTES + 1) }, { text: 'y'.repeat(100) }])
    expect(outcomes[0]).toMatchObject({ ok: false, error: { code: 'memory/too-large', details: { limitBytes: MAX_ITEM_BYTES } } })
    expect(outcomes[1]).toMatchObject({ ok: true })
  })

  it('a bundle that is damaged, cut off or not one', async () => {
    const secret = { secretKey: new Uint8Array(32).fill(7) }
    const bundle = await locket.export(secret)
    const flipped = bundle.slice()
    flipped[flipped.length - 1] = (flipped.at(-1) as number) ^ 1
    for (const bad of [flipped, bundle.slice(0, -5), new Uint8Array(0), new TextEncoder().encode('hello, I am a text file')]) {
      const error: unknown = await locket.import(bad, secret).catch((caught: unknown) => caught)
      expect(['memory/bundle-invalid', 'unlock/failed']).toContain((error as { code?: string }).code)
    }
    await expect(locket.import(new TextEncoder().encode('hello, I am a text file'), secret)).rejects.toMatchObject({
      code: 'memory/bundle-invalid',
    })
    await expect(locket.import(bundle, { secretKey: new Uint8Array(32) })).rejects.toMatchObject({ code: 'unlock/failed' })
  })

  it('to share what is personal', async () => {
    await expect(locket.share('personal', { address: `0x${'1'.repeat(64)}` })).rejects.toMatchObject({
      code: 'usage/invalid-argument',
      details: { parameter: 'category' },
    })
  })

  it('everything once it is closed', async () => {
    const other = await openLocket({ network: await localnet() })
    await other.close()
    await other.close()
    const calls = [
      () => other.remember('too late'),
      () => other.recall('too late'),
      () => other.list(),
      () => other.flush(),
      () => other.restore(),
      () => other.forget([]),
      () => other.checkKeyServers(),
      async () => other.status(),
    ]
    for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'usage/closed' })
  })
})
