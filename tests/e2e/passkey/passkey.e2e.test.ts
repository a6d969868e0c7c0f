import type { BrowserContext, CDPSession, Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createProfile, startPages, type Profile } from '../crash/harness.ts'
import type { PasskeyPage } from './passkey-page.ts'

declare const passkeys: PasskeyPage

let pages: Awaited<ReturnType<typeof startPages>>
let profile: Profile
let context: BrowserContext
let tab: Page
let session: CDPSession

const addAuthenticator = async (options: { hasPrf: boolean; isUserVerified: boolean }): Promise<string> => {
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      ctap2Version: 'ctap2_1',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      automaticPresenceSimulation: true,
      ...options,
    },
  })
  return authenticatorId
}

beforeAll(async () => {
  pages = await startPages()
  profile = await createProfile()
  context = await profile.open()
  tab = await context.newPage()
  await tab.goto(pages.urlOf('tests/e2e/passkey/passkey.html'))
  await tab.waitForFunction(() => 'passkeys' in globalThis)
  session = await context.newCDPSession(tab)
  await session.send('WebAuthn.enable')
})
afterAll(async () => {
  await context.close()
  await pages.close()
  await profile.remove()
})

describe('passkeyUnlock with an authenticator of the browser', () => {
  it('opens with the passkey that created the vault, also after a reload', async () => {
    const authenticatorId = await addAuthenticator({ hasPrf: true, isUserVerified: true })
    const created = await tab.evaluate(() => passkeys.create('one'))
    expect(created).toMatch(/^[0-9a-f]{64}$/)
    await tab.reload()
    await tab.waitForFunction(() => 'passkeys' in globalThis)
    expect(await tab.evaluate(() => passkeys.open('one'))).toBe(created)
    expect(await tab.evaluate(() => passkeys.create('two'))).not.toBe(created)
    await session.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId })
  })

  it('refuses an authenticator without PRF', async () => {
    const authenticatorId = await addAuthenticator({ hasPrf: false, isUserVerified: true })
    expect(await tab.evaluate(() => passkeys.create('no-prf'))).toBe('unlock/unavailable')
    await session.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId })
  })

  it('does not open when the person is not verified', async () => {
    const authenticatorId = await addAuthenticator({ hasPrf: true, isUserVerified: true })
    expect(await tab.evaluate(() => passkeys.create('verified'))).toMatch(/^[0-9a-f]{64}$/)
    await session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false })
    expect(await tab.evaluate(() => passkeys.open('verified'))).toBe('unlock/refused')
    await session.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId })
  })
})
