import { beforeAll, describe, expect, it } from 'vitest'
import { isLocketError, LocketError } from '../../../src/core/errors.ts'
import { createHashingEmbedder } from '../../../src/embed/hashing.ts'
import type { Embedder } from '../../../src/embed/port.ts'
import { localnet, type InProcessLocalnet } from '../../../src/localnet/index.ts'
import { openLocket } from '../../../src/locket/open-locket.ts'
import type { LocketOptions } from '../../../src/locket/options.ts'
import type { Locket } from '../../../src/locket/types.ts'
import type { Memory, MemoryInput } from '../../../src/memory/types.ts'
import type { Network } from '../../../src/network.ts'
import { codeOf } from '../../helpers/code-of.ts'
import { countingSigner } from '../../helpers/counting-signer.ts'
import { createFakeOrigin, type FakeOrigin, type FakeTab } from '../../helpers/fake-origin.ts'

let net: InProcessLocalnet
beforeAll(async () => {
  net = await localnet()
})

/** The net with a wallet of its own, so that tests share nothing. */
async function newNetwork(): Promise<Network> {
  return { ...net, signer: await net.createWallet() }
}

function openIn(tab: FakeTab, network: Network, options: Partial<LocketOptions> = {}): Promise<Locket> {
  return openLocket({ network, storage: tab.storage, ...options })
}

async function twoTabs(origin: FakeOrigin = createFakeOrigin(), network?: Network) {
  const shared = network ?? (await newNetwork())
  const [tabA, tabB] = [origin.tab(), origin.tab()]
  const a = await openIn(tabA, shared)
  const b = await openIn(tabB, shared)
  return { origin, network: shared, tabA, tabB, a, b }
}

async function everything(locket: Locket): Promise<Memory[]> {
  const memories: Memory[] = []
  for await (const memory of locket.all()) memories.push(memory)
  return memories
}

describe('a locket in two tabs', () => {
  it('is one locket: what one tab keeps the other finds, reads, lists, counts and updates', async () => {
    const { a, b } = await twoTabs()
    const byB = await b.remember('allergic to peanuts', { category: 'medical', tags: ['food'] })
    const byA = await a.remember('the spare key is under the stone')
    expect((await a.recall('peanuts'))[0]?.memory).toEqual(byB)
    expect((await b.recall('spare key'))[0]?.memory).toEqual(byA)
    expect(await b.get(byA.id)).toEqual(await a.get(byA.id))
    expect(await b.update(byA.id, { text: 'the spare key is in the shed' })).toMatchObject({ version: 2 })
    expect((await b.history(byA.id)).map(({ text }) => text)).toEqual(['the spare key is under the stone', 'the spare key is in the shed'])
    expect((await everything(b)).map(({ id }) => id).sort()).toEqual([byA.id, byB.id].sort())
    expect(await b.list({ limit: 1 })).toEqual(await a.list({ limit: 1 }))
    expect(b.status()).toEqual(a.status())
    expect(b.status().memories).toBe(2)
    expect(b.address).toBe(a.address)
    await Promise.all([a.close(), b.close()])
  })

  it('flushes once for both when both flush at once, and both may restore, export and import', async () => {
    const { a, b, network } = await twoTabs()
    await a.remember('one')
    await b.remember('two')
    const receipts = await Promise.all([a.flush(), b.flush()])
    expect(receipts.map(({ memories }) => memories).sort()).toEqual([0, 2])
    expect(b.status().byState).toMatchObject({ local: 0, certified: 2 })
    expect(await b.cost()).toMatchObject({ totalFrost: 0n })
    expect(await b.restore()).toMatchObject({ spaces: 1, failed: [], failedSpaces: [] })
    const secretKey = new Uint8Array(32).fill(7)
    const bundle = await b.export({ secretKey })
    const other = await openLocket({ network })
    expect(await other.import(bundle, { secretKey })).toMatchObject({ imported: 2 })
    expect(await b.import(bundle, { secretKey })).toMatchObject({ imported: 0, present: 2 })
    expect((await b.checkKeyServers()).map(({ state }) => state)).toEqual(['ok', 'ok', 'ok'])
    expect(b.status().keyServers.map(({ state }) => state)).toEqual(['ok', 'ok', 'ok'])
    const [receipt] = await b.forget((await b.list()).memories[0]?.id as string)
    expect(receipt).toMatchObject({ keyDestroyed: true, pending: undefined })
    await Promise.all([a.close(), b.close(), other.close()])
  })

  it('hears in each tab what happens in any', async () => {
    const { a, b } = await twoTabs()
    const heard: string[] = []
    const stop = b.on('state', ({ state }) => heard.push(`b ${state}`))
    a.on('state', ({ state }) => heard.push(`a ${state}`))
    const { id } = await a.remember('one')
    expect(heard.sort()).toEqual(['a local', 'b local'])
    stop()
    await b.forget(id)
    expect(heard).toEqual(['a local', 'b local', 'a forgotten'])
    await Promise.all([a.close(), b.close()])
  })

  it('carries the warnings of the tab that leads, as errors with their code', async () => {
    const origin = createFakeOrigin()
    const network = await newNetwork()
    const inner = createHashingEmbedder()
    let isBroken = false
    const embedder: Embedder = {
      ...inner,
      embed: (texts, options) => (isBroken ? Promise.reject(new Error('no model')) : inner.embed(texts, options)),
    }
    const warnings: { readonly a: LocketError[]; readonly b: LocketError[] } = { a: [], b: [] }
    const a = await openIn(origin.tab(), network, { embedder, onWarning: (error) => warnings.a.push(error) })
    const b = await openIn(origin.tab(), network, { onWarning: (error) => warnings.b.push(error) })
    isBroken = true
    await b.remember('kept all the same')
    expect(warnings.b.length).toBeGreaterThan(0)
    expect(warnings.b.map(({ code }) => code)).toEqual(warnings.a.map(({ code }) => code))
    expect(warnings.b.every((error) => isLocketError(error, 'embed/failed') && error.retry === 'same')).toBe(true)
    await Promise.all([a.close(), b.close()])
  })

  it('refuses in the second tab what it refuses in the first, item by item', async () => {
    const { a, b } = await twoTabs()
    const circle: { tags: unknown[] } = { tags: [] }
    circle.tags.push(circle)
    const inputs = [
      { text: 'good' },
      { text: '' },
      { text: () => 'a function' },
      { text: 'when', occurredAtMs: new Date(0) },
      { text: 'where', bytes: new Map() },
      { text: 'around', ...circle },
      { text: 'also good', bytes: new Uint8Array(100).subarray(10, 20) },
      null,
    ] as unknown as readonly MemoryInput[]
    const [inA, inB] = [await a.remember(inputs), await b.remember(inputs)]
    const told = (outcomes: typeof inA) =>
      outcomes.map((outcome) => (outcome.ok ? 'ok' : [outcome.index, outcome.error.code, outcome.error.details]))
    expect(told(inB)).toEqual(told(inA))
    expect(told(inB).filter((outcome) => outcome === 'ok').length).toBe(2)
    expect(inB.every((outcome) => outcome.ok || isLocketError(outcome.error, 'memory/invalid-item'))).toBe(true)
    for (const refused of [
      (locket: Locket) => locket.get('nonsense'),
      (locket: Locket) => locket.recall(''),
      (locket: Locket) => locket.list({ limit: 0 }),
      (locket: Locket) => locket.remember('x'.repeat(5 * 1024 * 1024)),
      (locket: Locket) => locket.share('personal', { address: `0x${'c'.repeat(64)}` }),
      (locket: Locket) => locket.cost({ epochs: 10_000 }),
      (locket: Locket) => locket.import(new Uint8Array(10), { passphrase: 'x' }),
      (locket: Locket) => locket.forget(undefined as unknown as string),
    ]) {
      const [code, sameCode] = [await codeOf(refused(a)), await codeOf(refused(b))]
      expect(sameCode).toBe(code)
    }
    await Promise.all([a.close(), b.close()])
  })

  it('gives what it carried frozen, and keys that could be mistaken for more than data as data', async () => {
    const { a, b } = await twoTabs()
    const memory = await b.remember('one', { category: '__proto__', bytes: Uint8Array.of(1, 2, 3) })
    expect(Object.isFrozen(memory)).toBe(true)
    expect(memory.bytes).toEqual(Uint8Array.of(1, 2, 3))
    expect(Object.entries(b.status().byCategory)).toEqual([['__proto__', 1]])
    await b.remember('two', { category: 'lockets' })
    expect(b.status().byCategory).toMatchObject({ lockets: 1 })
    await Promise.all([a.close(), b.close()])
  })

  it('aborts across tabs, with the reason of the caller', async () => {
    const origin = createFakeOrigin()
    const network = await newNetwork()
    const inner = createHashingEmbedder()
    let tell: (signal: AbortSignal) => void = () => undefined
    const seen = new Promise<AbortSignal>((resolve) => (tell = resolve))
    const embedder: Embedder = {
      ...inner,
      embed: (texts, options) =>
        texts.includes('hang')
          ? new Promise((_resolve, reject) => {
              options?.signal?.addEventListener('abort', () => reject(options.signal?.reason as Error))
              tell(options?.signal as AbortSignal)
            })
          : inner.embed(texts, options),
    }
    const a = await openIn(origin.tab(), network, { embedder })
    const b = await openIn(origin.tab(), network)
    await a.remember('something')
    const abort = new AbortController()
    const reason = new Error('enough')
    const asking = b.recall('hang', { signal: abort.signal })
    const signal = await seen
    abort.abort(reason)
    await expect(asking).rejects.toBe(reason)
    expect(signal.aborted).toBe(true)
    await expect(b.recall('something', { signal: abort.signal })).rejects.toBe(reason)
    expect((await b.recall('something')).length).toBe(1)
    await Promise.all([a.close(), b.close()])
  })

  it('is closed in one tab only, and then refuses everything there', async () => {
    const { origin, a, b } = await twoTabs()
    const pending = codeOf(b.flush())
    await b.close()
    await b.close()
    expect(['usage/closed', 'no error']).toContain(await pending)
    for (const call of [
      () => b.remember('x'),
      () => b.recall('x'),
      () => b.flush(),
      async () => b.status(),
      async () => b.on('state', () => undefined),
      async () => b.all(),
    ]) {
      expect(await codeOf(call())).toBe('usage/closed')
    }
    await a.remember('still here')
    await a.close()
    expect(origin.channelCount()).toBe(0)
  })
})

describe('who is let in', () => {
  it('is asked for no signature: unlocking and session of one tab serve the other', async () => {
    const inner = await net.createWallet()
    const wallet = countingSigner(inner)
    const network = { ...net, signer: wallet.signer }
    const origin = createFakeOrigin()
    const [tabA, tabB] = [origin.tab(), origin.tab()]
    const unlocks = () => wallet.asked.filter((text) => text.startsWith('Locket: unlock')).length
    const sessions = () => wallet.asked.filter((text) => text !== 'transaction').length - unlocks()
    const device = await openLocket({ network: { ...net, signer: inner } })
    await device.remember('from another device')
    await device.flush()

    const a = await openIn(tabA, network)
    const b = await openIn(tabB, network)
    expect(await b.restore()).toMatchObject({ restored: 1 })
    // Two to make the vault, one for the session.
    expect([unlocks(), sessions()]).toEqual([2, 1])
    await device.remember('from another device, later')
    await device.flush()
    expect(await a.restore()).toMatchObject({ restored: 1 })
    expect([unlocks(), sessions()]).toEqual([2, 1])

    // The session is in the encrypted cache: who leads next unlocks, and uses it.
    tabA.crash()
    await device.remember('in another category', { category: 'medical' })
    await device.flush()
    expect(await b.restore()).toMatchObject({ restored: 1 })
    expect([unlocks(), sessions()]).toEqual([3, 1])
    await net.advance(11 * 60_000)
    await device.remember('in a third category', { category: 'financial' })
    await device.flush()
    expect(await b.restore()).toMatchObject({ restored: 1 })
    expect([unlocks(), sessions()]).toEqual([3, 2])
    await Promise.all([b.close(), device.close()])
  })

  it('is not a tab of another wallet, another network, another embedder or another version', async () => {
    const { origin, network, a } = await twoTabs()
    await a.remember('a secret')
    expect(await codeOf(openIn(origin.tab(), await newNetwork()))).toBe('unlock/failed')
    expect(await codeOf(openIn(origin.tab(), { ...network, name: 'elsewhere' }))).toBe('chain/wrong-network')
    const policyPackageId = `0x${'7'.repeat(64)}`
    expect(await codeOf(openIn(origin.tab(), { ...network, seal: { ...network.seal, policyPackageId } }))).toBe('chain/wrong-network')
    const embedder = createHashingEmbedder({ dimensions: 128 })
    expect(await codeOf(openIn(origin.tab(), network, { embedder }))).toBe('index/model-mismatch')

    const { tabs } = origin.tab()
    const lobby = tabs.openChannel('locket/lobby/locket')
    const answer = new Promise<unknown>((resolve) => lobby.addEventListener('message', (event) => resolve((event as MessageEvent).data)))
    lobby.postMessage({ lobby: 'hello', connection: 'x', terms: { protocol: 99 } })
    expect(await answer).toMatchObject({ lobby: 'refused', connection: 'x', error: { code: 'store/locked' } })
    // What is none of ours is not answered, and does no harm.
    for (const nonsense of [null, 1, 'hello', {}, { lobby: 'hello' }, { lobby: 'leading' }, { line: 'leave' }]) lobby.postMessage(nonsense)
    expect((await a.recall('secret')).length).toBe(1)
    expect(
      JSON.stringify(origin.posted.filter((message) => typeof message === 'object' && message !== null && 'lobby' in message)),
    ).not.toContain('secret')
  })

  it('is another locket under another name', async () => {
    const { origin, network, a, b } = await twoTabs()
    await a.remember('one')
    const c = await openIn(origin.tab(), network, { name: 'other' })
    expect(c.status().memories).toBe(0)
    await Promise.all([a.close(), b.close(), c.close()])
  })

  it('waits while another tab unlocks, and opens by itself if that one gives up', async () => {
    const wallet = countingSigner(await net.createWallet())
    const network = { ...net, signer: wallet.signer }
    const origin = createFakeOrigin()
    let decline: (reason: Error) => void = () => undefined
    const hanging = new Promise<never>((_resolve, reject) => (decline = reject))
    const held = new Proxy(wallet.signer, {
      get: (target, property) => (property === 'signPersonalMessage' ? () => hanging : (Reflect.get(target, property) as unknown)),
    })
    const first = codeOf(openIn(origin.tab(), { ...network, signer: held }))
    const second = openIn(origin.tab(), network)
    const abort = new AbortController()
    const third = codeOf(openIn(origin.tab(), network, { signal: abort.signal }))
    await settle()
    abort.abort(new Error('tired'))
    expect(await third).toBe('tired')
    decline(new Error('no'))
    expect(await first).toBe('unlock/refused')
    const locket = await second
    await locket.remember('one')
    await locket.close()
  })
})

/** Lets everything that needs no time run. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve))
}

describe('when the tab that leads ends', () => {
  it('at any moment of another tab coming in and keeping something, that tab opens and keeps it once', async () => {
    const network = await newNetwork()
    for (let moment = 0; moment < 120; moment++) {
      const origin = createFakeOrigin()
      const tabA = origin.tab()
      const a = await openIn(tabA, network)
      await a.remember('one')
      const opening = openIn(origin.tab(), network).then(async (b) => ({ b, kept: await b.remember('two') }))
      for (let i = 0; i < moment; i++) await Promise.resolve()
      tabA.crash()
      const { b, kept } = await opening
      expect((await everything(b)).map(({ text }) => text).sort(), `crashed after ${moment} steps`).toEqual(['one', 'two'])
      expect(await b.get(kept.id)).toEqual(kept)
      expect(b.status().memories).toBe(2)
      await b.close()
      expect(origin.channelCount()).toBe(0)
    }
  })

  it('by closing its locket, the other opens the stores and goes on', async () => {
    const { a, b } = await twoTabs()
    const kept = await a.remember('one')
    await a.close()
    expect(b.status().memories).toBe(1)
    expect(await b.get(kept.id)).toEqual(kept)
    await b.remember('two')
    expect((await b.flush()).memories).toBe(2)
    await b.close()
  })

  for (const when of ['before', 'after'] as const) {
    it(`by crashing ${when} it wrote, a remember under way is kept once and answered`, async () => {
      const { tabA, a, b } = await twoTabs()
      await a.remember('one')
      tabA.onVaultWrite = (moment, keys) => {
        if (moment === when && keys.some((key) => key.startsWith('m/'))) tabA.crash()
      }
      const two = await b.remember('two', { category: 'medical' })
      const many = await b.remember([{ text: 'three' }, { text: '' }, { text: 'four' }])
      expect(many.map(({ ok }) => ok)).toEqual([true, false, true])
      expect(await b.get(two.id)).toEqual(two)
      const memories = await everything(b)
      expect(memories.map(({ text }) => text).sort()).toEqual(['four', 'one', 'three', 'two'])
      expect(b.status().memories).toBe(4)
      await b.close()
    })
  }

  it('half way through many, keeps each once', async () => {
    const { tabA, b } = await twoTabs()
    let writes = 0
    tabA.onVaultWrite = (moment, keys) => {
      if (moment === 'after' && keys.some((key) => key.startsWith('m/')) && ++writes === 2) tabA.crash()
    }
    const texts = Array.from({ length: 200 }, (_, i) => `memory ${i}`)
    const outcomes = await b.remember(texts.map((text) => ({ text })))
    expect(outcomes.map((outcome) => outcome.ok && outcome.value.text)).toEqual(texts)
    expect((await everything(b)).map(({ text }) => text).sort()).toEqual([...texts].sort())
    await b.close()
  })

  it('reads are repeated; what pays, changes or forgets says that its outcome is unknown, and can be called again', async () => {
    const { tabA, a, b } = await twoTabs()
    const { id } = await a.remember('one')
    tabA.onVaultWrite = (moment, keys) => {
      if (moment === 'after' && keys.some((key) => key.startsWith('b/'))) tabA.crash()
    }
    const [flushed, read] = await Promise.allSettled([b.flush(), b.recall('one')])
    expect(read).toMatchObject({ status: 'fulfilled', value: [{ memory: { id } }] })
    expect(flushed).toMatchObject({
      status: 'rejected',
      reason: { code: 'tabs/outcome-unknown', operation: 'locket.flush', retry: 'same' },
    })
    await b.flush()
    expect((await b.get(id)).state).toBe('certified')
    await b.close()
  })

  it('an update that may have been written is not written again', async () => {
    const { tabA, a, b } = await twoTabs()
    const { id } = await a.remember('one')
    tabA.onVaultWrite = (moment) => {
      if (moment === 'after') tabA.crash()
    }
    expect(await codeOf(b.update(id, { text: 'two' }))).toBe('tabs/outcome-unknown')
    expect((await b.history(id)).map(({ text }) => text)).toEqual(['one', 'two'])
    await b.close()
  })

  it('asks nobody to unlock before a tab wants something, and a third tab hears from the one that does', async () => {
    const wallet = countingSigner(await net.createWallet())
    const network = { ...net, signer: wallet.signer }
    const { origin, tabA, b } = await twoTabs(createFakeOrigin(), network)
    const c = await openIn(origin.tab(), network)
    const heard: string[] = []
    c.on('state', ({ state }) => heard.push(state))
    const before = wallet.asked.length
    tabA.crash()
    await settle()
    expect(wallet.asked.length).toBe(before)
    expect(c.status().memories).toBe(0)
    await b.remember('one')
    expect(wallet.asked.length).toBe(before + 1)
    await settle()
    await b.remember('two')
    expect(heard).toContain('local')
    expect(c.status().memories).toBe(2)
    expect((await c.recall('two')).length).toBeGreaterThan(0)
    expect(wallet.asked.length).toBe(before + 1)
    await Promise.all([b.close(), c.close()])
    expect(origin.channelCount()).toBe(0)
  })

  it('and the person declines to unlock, says so, and asks again at the next call', async () => {
    const wallet = countingSigner(await net.createWallet())
    const { tabA, a, b } = await twoTabs(createFakeOrigin(), { ...net, signer: wallet.signer })
    await a.remember('one')
    wallet.declines = new Error('not now')
    tabA.onVaultWrite = (moment, keys) => {
      if (moment === 'after' && keys.some((key) => key.startsWith('m/'))) tabA.crash()
    }
    const [remembered, read] = await Promise.allSettled([b.remember('two'), b.recall('one')])
    // It is kept, which the tab cannot know.
    expect(remembered).toMatchObject({ status: 'rejected', reason: { code: 'tabs/outcome-unknown', cause: { code: 'unlock/refused' } } })
    expect(read).toMatchObject({ status: 'rejected', reason: { code: 'unlock/refused' } })
    expect(await codeOf(b.recall('one'))).toBe('unlock/refused')
    wallet.declines = undefined
    expect((await everything(b)).map(({ text }) => text).sort()).toEqual(['one', 'two'])
    await b.close()
  })

  it('does not lead for a wallet that has been switched meanwhile', async () => {
    const network = await newNetwork()
    let { signer } = network
    const switching = new Proxy(signer, { get: (_target, property) => Reflect.get(signer, property, signer) as unknown })
    const { a, b } = await twoTabs(createFakeOrigin(), { ...network, signer: switching })
    await a.remember('one')
    await a.close()
    signer = await net.createWallet()
    expect(await codeOf(b.recall('one'))).toBe('unlock/failed')
    signer = network.signer
    expect((await b.recall('one')).length).toBe(1)
    await b.close()
  })

  it('a tab that crashed is let go by the one that leads', async () => {
    const { origin, tabB, a } = await twoTabs()
    const before = origin.channelCount()
    tabB.crash()
    await settle()
    expect(origin.channelCount()).toBe(before - 3)
    await a.remember('one')
    await a.close()
    expect(origin.channelCount()).toBe(0)
  })
})
