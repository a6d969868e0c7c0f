import { Ed25519Keypair } from '@mysten/sui/keypairs/ed25519'
import type { BrowserContext, Page } from 'playwright'
import { expect } from 'vitest'
import { openLocalnetServer, type LocalnetServer } from '../../../src/localnet/http/server.ts'
import { createProfile, startBuiltPage, type Profile } from './harness.ts'
import type { LocketPage } from './locket-page.ts'
import { startWitness, type Witness } from './witness.ts'

declare const page: LocketPage

/** A browser with a locket in it, and outside of it the network, the wallet and the witness, which no kill reaches. */
export type LocketWorld = {
  readonly server: LocalnetServer
  readonly witness: Witness
  readonly profile: Profile
  readonly signer: Ed25519Keypair
  context(): BrowserContext
  /** Starts the browser anew on the same profile, after it was closed or killed. */
  reopen(): Promise<void>
  /** The page in a new tab, nothing opened yet. */
  visit(): Promise<Page>
  /** Opens the locket in a new tab: whatever was acknowledged is there, once, and what was kept together is there together. */
  revisit(what: string): Promise<{ readonly tab: Page; readonly openMs: number }>
  /** Uploads what is left, destroys everything on the device and brings it back from the network. Returns how many memories. */
  finish(tab: Page): Promise<number>
  close(): Promise<void>
}

export async function openLocketWorld(): Promise<LocketWorld> {
  const signer = Ed25519Keypair.generate()
  const site = await startBuiltPage('tests/e2e/crash/locket.html')
  const server = await openLocalnetServer()
  await server.net.faucet(signer.toSuiAddress(), { sui: 10_000, wal: 10_000 })
  const witness = await startWitness()
  const profile = await createProfile()
  let context = await profile.open()
  const address = site.urlOf(`?${new URLSearchParams({ url: server.url, witness: witness.url, key: signer.getSecretKey() })}`)

  async function visit(): Promise<Page> {
    const tab = await context.newPage()
    await tab.goto(address)
    await tab.waitForFunction(() => 'page' in globalThis)
    return tab
  }

  return {
    server,
    witness,
    profile,
    signer,
    context: () => context,
    async reopen() {
      context = await profile.open()
    },
    visit,
    async revisit(what) {
      const tab = await visit()
      const { openMs, warnings } = await tab.evaluate(() => page.open())
      // Healing one of the two copies is the only thing there may be to say.
      expect(
        warnings.filter((code) => code !== 'store/corrupt'),
        what,
      ).toEqual([])
      const memories = await tab.evaluate(() => page.inspect())
      const ids = new Set(memories.map(({ id }) => id))
      const texts = new Set(memories.map(({ text }) => text))
      const torn = [...texts].filter((text) => !texts.has(otherHalf(text)))
      const lost = witness.acknowledged().filter((id) => !ids.has(id))
      expect({ lost, torn, repeated: memories.length - texts.size }, what).toEqual({ lost: [], torn: [], repeated: 0 })
      return { tab, openMs }
    },
    async finish(tab) {
      await tab.evaluate(() => page.flush())
      const memories = await tab.evaluate(() => page.inspect())
      expect(memories.filter(({ state }) => state !== 'certified')).toEqual([])
      await tab.evaluate(() => page.destroy())
      await tab.close()
      const empty = await visit()
      await empty.evaluate(() => page.open())
      expect(await empty.evaluate(() => page.inspect())).toEqual([])
      expect(await empty.evaluate(() => page.restore())).toEqual({ restored: memories.length, failed: 0 })
      const restored = await empty.evaluate(() => page.inspect())
      expect(new Set(restored.map(({ id }) => id))).toEqual(new Set(memories.map(({ id }) => id)))
      return memories.length
    },
    async close() {
      await context.close()
      await Promise.all([site.close(), server.close(), witness.close(), profile.remove()])
    },
  }
}

/** The page keeps memories in twos, `…/a` and `…/b`. */
const otherHalf = (text: string) => `${text.slice(0, -1)}${text.endsWith('a') ? 'b' : 'a'}`
