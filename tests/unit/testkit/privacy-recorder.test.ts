import { describe, expect, it } from 'vitest'
import { concatBytes, toHex, utf8 } from '../../../src/core/bytes.ts'
import { createMemoryStore } from '../../../src/store/memory.ts'
import { createPrivacyRecorder } from '../../../src/testkit/privacy-recorder.ts'

const SECRET = 'Allergic to peanuts since 2019'
const noise = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 131 + 17) % 251)

describe('createPrivacyRecorder', () => {
  const leaks: [string, Uint8Array][] = [
    ['bytes', utf8(SECRET)],
    ['hex', utf8(toHex(utf8(SECRET)))],
    ['base64', utf8(btoa(SECRET))],
    ['base64 after one byte', utf8(btoa(`x${SECRET}y`))],
    ['base64 after two bytes', utf8(btoa(`xy${SECRET}`))],
    ['reversed', utf8([...SECRET].reverse().join(''))],
    ['url', utf8(encodeURIComponent(SECRET))],
    [
      'utf-16',
      Uint8Array.from(SECRET, (char) => char.charCodeAt(0)).reduce(
        (out, byte, i) => (out.set([byte, 0], i * 2), out),
        new Uint8Array(SECRET.length * 2),
      ),
    ],
  ]
  for (const [name, spelled] of leaks) {
    it(`finds a text that leaks as ${name}`, () => {
      const recorder = createPrivacyRecorder()
      recorder.record('port', concatBytes(noise(40), spelled, noise(9)))
      expect(() => recorder.expectNoPlaintext([SECRET])).toThrow('canary 0')
    })
  }

  it('finds a vector that leaks as float32 or int8', () => {
    const vector = Float32Array.from({ length: 96 }, (_, i) => Math.sin(i * 1.7))
    const recorder = createPrivacyRecorder()
    recorder.record('float', new Uint8Array(vector.buffer))
    recorder.record(
      'int',
      new Uint8Array(Int8Array.from(vector, (value) => Math.round((value / Math.max(...vector.map(Math.abs))) * 127)).buffer),
    )
    expect(recorder.findPlaintext([vector]).map(({ channel }) => channel)).toEqual(['float', 'int'])
  })

  it('is silent about noise', () => {
    const recorder = createPrivacyRecorder()
    recorder.record('port', noise(100_000))
    expect(recorder.findPlaintext([SECRET])).toEqual([])
    recorder.expectNoPlaintext([SECRET])
  })

  it('refuses to vouch for ports it was never connected to', () => {
    expect(() => createPrivacyRecorder().expectNoPlaintext([SECRET])).toThrow('not connected')
  })

  it('sees what is written to a store, keys and values', async () => {
    const recorder = createPrivacyRecorder()
    const store = recorder.watchStore(createMemoryStore())
    await store.put(`item/${SECRET.slice(0, 8)}`, utf8(SECRET))
    await store.batch([{ type: 'put', key: 'x', value: utf8(SECRET) }])
    const leaked = recorder.findPlaintext([SECRET, SECRET.slice(0, 8)]).map(({ channel, canary }) => `${channel} ${canary}`)
    expect(new Set(leaked)).toEqual(
      new Set([`store item/${SECRET.slice(0, 8)} 0`, `store item/${SECRET.slice(0, 8)} 1`, 'store x 0', 'store x 1']),
    )
  })

  it('sees url, headers and body of a request', async () => {
    const recorder = createPrivacyRecorder()
    const send = recorder.watchFetch(async () => new Response('ok'))
    await send(`http://node.test/?q=${encodeURIComponent(SECRET)}`, { method: 'POST', headers: { 'x-note': SECRET }, body: SECRET })
    expect(
      recorder
        .findPlaintext([SECRET])
        .map(({ encoding }) => encoding)
        .sort(),
    ).toEqual(['bytes', 'bytes', 'url'])
  })
})
