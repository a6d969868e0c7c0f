import { expect, it } from 'vitest'
import { localnet } from '../../src/localnet/localnet.ts'
import { openLocket } from '../../src/locket/open-locket.ts'
import { memoryStorage } from '../../src/locket/storage.ts'
import { codeOf } from '../helpers/code-of.ts'

const FLIPS = 500
const secret = { secretKey: new Uint8Array(32).fill(3) }
const TYPED = /^(memory\/bundle-invalid|unlock\/failed|codec\/[a-z-]+)$/

/** Where each part of a bundle begins: header, frames, end. */
function boundaries(bundle: Uint8Array): number[] {
  const view = new DataView(bundle.buffer, bundle.byteOffset)
  const at = [0, 4, 5]
  for (let offset = 5; offset < bundle.length; ) {
    at.push(offset + 4)
    offset += 4 + view.getUint32(offset, true)
    at.push(offset)
  }
  return at
}

it('imports nothing of a bundle that was cut anywhere that matters, or has one bit wrong', async () => {
  const network = await localnet()
  const source = await openLocket({ network, storage: memoryStorage() })
  await source.remember(Array.from({ length: 150 }, (_, i) => ({ text: `note ${i}`, tags: ['t'] })))
  const bundle = await source.export(secret)
  await source.close()

  const locket = await openLocket({ network, storage: memoryStorage() })
  const cuts = boundaries(bundle)
  expect(cuts.length).toBeGreaterThan(9)
  expect(cuts.at(-1)).toBe(bundle.length)
  for (const cut of cuts.slice(0, -1)) {
    for (const length of [cut, cut + 1, Math.max(0, cut - 1)])
      expect(await codeOf(locket.import(bundle.slice(0, length), secret)), `cut at ${length}`).toMatch(TYPED)
  }
  expect(await codeOf(locket.import(Uint8Array.from([...bundle, 0]), secret))).toMatch(TYPED)
  expect(await codeOf(locket.import(Uint8Array.from([...bundle, ...bundle]), secret))).toMatch(TYPED)
  for (let flip = 0; flip < FLIPS; flip++) {
    const damaged = new Uint8Array(bundle)
    const at = Math.floor((flip * bundle.length) / FLIPS)
    damaged[at] = (damaged[at] as number) ^ (1 << (flip % 8))
    expect(await codeOf(locket.import(damaged, secret)), `bit ${flip % 8} of byte ${at}`).toMatch(TYPED)
  }
  expect(await codeOf(locket.import(bundle, { secretKey: new Uint8Array(32).fill(4) }))).toBe('unlock/failed')
  expect(await codeOf(locket.import(bundle, { passphrase: 'x' }))).toBe('unlock/failed')
  expect(locket.status().memories).toBe(0)
  expect(await locket.import(bundle, secret)).toMatchObject({ imported: 150, present: 0 })
  expect(await locket.import(bundle, secret)).toMatchObject({ imported: 0, present: 150 })
  await locket.close()
})
