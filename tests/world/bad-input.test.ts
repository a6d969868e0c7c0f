import { describe, expect, it } from 'vitest'
import { localnet } from '../../src/localnet/localnet.ts'
import { openLocket } from '../../src/locket/open-locket.ts'
import { memoryStorage } from '../../src/locket/storage.ts'
import type { Locket } from '../../src/locket/types.ts'
import type { MemoryInput } from '../../src/memory/types.ts'
import type { Network } from '../../src/network.ts'
import { codeOf, errorOf } from '../helpers/code-of.ts'

const ABSENT = 'A'.repeat(22)

async function opened(network?: Network): Promise<Locket> {
  return openLocket({ network: network ?? (await localnet()), storage: memoryStorage() })
}

describe('what cannot be remembered', () => {
  const dimensions = 384
  const cases: [string, MemoryInput, string][] = [
    ['an empty text', { text: '' }, 'memory/invalid-item'],
    ['only spaces', { text: ' \n\t' }, 'memory/invalid-item'],
    ['10 MB', { text: 'x'.repeat(10_000_000) }, 'memory/too-large'],
    ['10 MB of attachment', { text: 'x', bytes: new Uint8Array(10_000_000) }, 'memory/too-large'],
    ['a text and bytes that are too large together', { text: 'x'.repeat(3_000_000), bytes: new Uint8Array(3_000_000) }, 'memory/too-large'],
    ['a lone surrogate', { text: 'half \ud83d of a smile' }, 'memory/invalid-item'],
    ['a NUL', { text: 'zero \0 terminated' }, 'memory/invalid-item'],
    ['binary passed as a text', { text: new Uint8Array(8) as unknown as string }, 'memory/invalid-item'],
    ['10,000 tags', { text: 'x', tags: Array.from({ length: 10_000 }, (_, i) => `t${i}`) }, 'memory/invalid-item'],
    ['an empty tag', { text: 'x', tags: [''] }, 'memory/invalid-item'],
    ['a long tag', { text: 'x', tags: ['t'.repeat(300)] }, 'memory/too-large'],
    ['a category of spaces', { text: 'x', category: '  ' }, 'memory/invalid-item'],
    ['an invalid date', { text: 'x', occurredAtMs: Number.NaN }, 'memory/invalid-item'],
    ['validity that ends before it begins', { text: 'x', validFromMs: 2, validUntilMs: 1 }, 'memory/invalid-item'],
    ['importance above 1', { text: 'x', importance: 1.5 }, 'memory/invalid-item'],
    ['importance that is no number', { text: 'x', importance: Number.NaN }, 'memory/invalid-item'],
    ['a link that is no id', { text: 'x', links: ['../../etc'] }, 'memory/invalid-item'],
    ['a vector of another length', { text: 'x', vector: new Float32Array(7).fill(1) }, 'index/dimension-mismatch'],
    ['a vector with NaN', { text: 'x', vector: new Float32Array(dimensions).fill(Number.NaN) }, 'index/invalid-vector'],
    ['nothing at all', null as unknown as MemoryInput, 'memory/invalid-item'],
  ]

  it('is refused with a code, one by one in a batch, and what is sound is kept', async () => {
    const locket = await opened()
    const batch = cases.flatMap(([name, input]) => [input, { text: `sound, beside ${name}` }])
    const outcomes = await locket.remember(batch)
    cases.forEach(([name, , code], i) => {
      expect(outcomes[2 * i], name).toMatchObject({ ok: false, index: 2 * i, error: { code } })
      expect(outcomes[2 * i + 1], name).toMatchObject({ ok: true })
    })
    expect(locket.status().memories).toBe(cases.length)
    expect(await codeOf(locket.remember(''))).toBe('memory/invalid-item')
    await locket.close()
  })

  it('never keeps what an odd but sound text looks like from coming back exactly', async () => {
    const locket = await opened()
    const texts = [
      '\ufeffwith a mark',
      'e\u0301 is not \u00e9',
      '🥜',
      '\u202eright to left',
      'a\r\nb\u2028c',
      ' padded ',
      '{"a":"b"}',
      '<script>',
    ]
    for (const text of texts) {
      const { id } = await locket.remember(text, { tags: ['__proto__', 'constructor'], category: 'toString' })
      expect((await locket.get(id)).text).toBe(text)
    }
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i)
    const { id } = await locket.remember('', { bytes })
    expect((await locket.get(id)).bytes).toEqual(bytes)
    await locket.close()
  })
})

describe('what cannot be asked', () => {
  it('is refused with a code', async () => {
    const locket = await opened()
    const { id } = await locket.remember('something')
    const refused: [() => Promise<unknown>, string][] = [
      [() => locket.get(ABSENT), 'memory/unknown-id'],
      [() => locket.get('no id'), 'memory/unknown-id'],
      [() => locket.get(undefined as unknown as string), 'memory/unknown-id'],
      [() => locket.history(ABSENT), 'memory/unknown-id'],
      [() => locket.update(ABSENT, { text: 'x' }), 'memory/unknown-id'],
      [() => locket.update(id, { text: '' }), 'memory/invalid-item'],
      [() => locket.forget(ABSENT), 'memory/unknown-id'],
      [() => locket.forget([id, 'no id']), 'memory/unknown-id'],
      [() => locket.recall(''), 'usage/invalid-argument'],
      [() => locket.recall('x', { limit: 0 }), 'usage/invalid-argument'],
      [() => locket.recall('x', { limit: 1e9 }), 'usage/invalid-argument'],
      [() => locket.recall('x', { minScore: 2 }), 'usage/invalid-argument'],
      [() => locket.list({ cursor: 'not one of ours' }), 'usage/invalid-argument'],
      [() => locket.list({ limit: -1 }), 'usage/invalid-argument'],
      [() => locket.share('personal', { address: `0x${'1'.repeat(64)}` }), 'usage/invalid-argument'],
      [() => locket.unshare('never-used', `0x${'1'.repeat(64)}`), 'chain/not-found'],
      [() => locket.cost({ epochs: 0 }), 'walrus/epochs-out-of-range'],
      [() => locket.cost({ epochs: 10_000 }), 'walrus/epochs-out-of-range'],
      [() => locket.flush({ maxCostFrost: 1n }), 'walrus/cost-ceiling'],
      [() => locket.export({ passphrase: '' }), 'usage/invalid-argument'],
      [() => locket.import(new Uint8Array(100), { passphrase: 'x' }), 'memory/bundle-invalid'],
    ]
    for (const [index, [ask, code]] of refused.entries()) expect(await codeOf(ask()), `case ${index}`).toBe(code)
    expect((await locket.get(id)).text).toBe('something')
    await locket.close()
    expect(await codeOf(locket.recall('x'))).toBe('usage/closed')
    expect(await codeOf(locket.remember('x'))).toBe('usage/closed')
  })

  it('includes opening this device’s memories on another network', async () => {
    const network = await localnet()
    const storage = memoryStorage()
    await (await openLocket({ network, storage })).close()
    expect(await codeOf(openLocket({ network: { ...network, name: 'mainnet' }, storage }))).toBe('chain/wrong-network')
    await (await openLocket({ network, storage })).close()
  })
})

describe('a wallet that refuses', () => {
  it('to unlock leaves no vault behind that cannot be opened, and to flush leaves everything queued', async () => {
    const net = await localnet()
    let refuses = true
    const refuse = async () => {
      throw new Error('User rejected the request')
    }
    // The keypair's methods live on its prototype and in private fields: bind, never copy.
    const signer = new Proxy(net.signer, {
      get(target, name) {
        if (refuses && (name === 'signPersonalMessage' || name === 'signTransaction' || name === 'signAndExecuteTransaction')) return refuse
        const value = Reflect.get(target, name, target) as unknown
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
    const network = { ...net, signer }
    const storage = memoryStorage()
    expect(await codeOf(openLocket({ network, storage }))).toBe('unlock/refused')
    refuses = false
    const locket = await openLocket({ network, storage })
    const { id } = await locket.remember('kept', { category: 'medical' })
    refuses = true
    const error = await errorOf(locket.flush())
    expect(error.code).toMatch(/^(chain|walrus|seal|wallet)\//)
    expect(error.code).toContain('refused')
    expect((await locket.get(id)).state).not.toBe('certified')
    refuses = false
    expect(await locket.flush()).toMatchObject({ memories: 1 })
    expect((await locket.get(id)).state).toBe('certified')
    await locket.close()
  })
})
