import type { BrowserContext, Page } from 'playwright'
import { expect } from 'vitest'
import type { PrivacyRecorder } from '../../src/testkit/index.ts'

/** A tab that hears all that is said between tabs: what the relay carries, and what the page asks its devices. */
export async function listenIn(
  context: BrowserContext,
  url: string,
  channels: readonly string[],
): Promise<{ record(recorder: PrivacyRecorder): Promise<void> }> {
  const page = await context.newPage()
  await page.goto(url)
  await page.evaluate((names) => {
    const heard: string[] = []
    Object.assign(globalThis, { heard })
    const hexOf = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
    for (const name of names) {
      new BroadcastChannel(name).addEventListener('message', ({ data }) => {
        heard.push(JSON.stringify({ name, data }, (_, value: unknown) => (value instanceof Uint8Array ? hexOf(value) : value)))
      })
    }
  }, channels)
  return {
    async record(recorder) {
      const heard = await page.evaluate(() => (globalThis as unknown as { heard: string[] }).heard)
      for (const name of channels) expect(heard.some((text) => text.startsWith(JSON.stringify({ name }).slice(0, -1)))).toBe(true)
      for (const text of heard) {
        recorder.record('between tabs', text)
        for (const [, hex = ''] of text.matchAll(/"((?:[0-9a-f]{2}){12,})"/g)) recorder.record('between tabs', Buffer.from(hex, 'hex'))
      }
    },
  }
}

/** Records everything that the origin keeps, each database and each file. Gives back the names of the databases. */
export async function recordStorage(page: Page, recorder: PrivacyRecorder): Promise<readonly string[]> {
  const kept = await page.evaluate(async () => {
    const out: string[] = []
    const spell = (bytes: Uint8Array) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
    const bytesOf = (value: unknown): Uint8Array | undefined => {
      if (value instanceof ArrayBuffer) return new Uint8Array(value)
      return ArrayBuffer.isView(value) ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : undefined
    }
    const flatten = (_: string, value: unknown): unknown => {
      if (typeof value === 'bigint') return String(value)
      if (value instanceof Map) return [...value]
      const bytes = bytesOf(value)
      if (bytes === undefined) return value
      out.push(spell(bytes))
      return ''
    }
    for (const { name = '' } of await indexedDB.databases()) {
      const database = await new Promise<IDBDatabase>((resolve, reject) => {
        const request = indexedDB.open(name)
        request.addEventListener('success', () => resolve(request.result))
        request.addEventListener('error', () => reject(request.error))
      })
      for (const store of database.objectStoreNames) {
        const objects = database.transaction(store).objectStore(store)
        for (const request of [objects.getAll(), objects.getAllKeys()]) {
          const values = await new Promise<unknown[]>((resolve) => request.addEventListener('success', () => resolve(request.result)))
          out.push(JSON.stringify({ name, values }, flatten))
        }
      }
      database.close()
    }
    const walk = async (folder: FileSystemDirectoryHandle): Promise<void> => {
      for await (const [name, handle] of folder.entries()) {
        out.push(name)
        if (handle instanceof FileSystemDirectoryHandle) await walk(handle)
        else if (handle instanceof FileSystemFileHandle) out.push(spell(new Uint8Array(await (await handle.getFile()).arrayBuffer())))
      }
    }
    await walk(await navigator.storage.getDirectory())
    return { out, names: (await indexedDB.databases()).map(({ name = '' }) => name) }
  })
  for (const text of kept.out)
    recorder.record(
      'storage',
      Uint8Array.from(text, (character) => character.charCodeAt(0)),
    )
  return kept.names
}
