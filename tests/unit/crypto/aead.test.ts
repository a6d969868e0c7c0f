import { describe, expect, it } from 'vitest'
import { systemEntropy, type Entropy } from '../../../src/core/capabilities.ts'
import { utf8, type Bytes } from '../../../src/core/bytes.ts'
import { createAead, SEAL_OVERHEAD_BYTES } from '../../../src/crypto/index.ts'

const entropy: Entropy = systemEntropy()
const key: Bytes = new Uint8Array(32).fill(7)
const associatedData = utf8('item/42')

for (const [name, aead] of [
  ['AES-256-GCM by WebCrypto', createAead()],
  ['XChaCha20-Poly1305 in JavaScript', createAead({ subtle: null })],
] as const) {
  describe(`createAead (${name})`, () => {
    it('opens what it sealed', async () => {
      const plaintext = utf8('allergic to peanuts')
      const sealed = await aead.seal({ key, plaintext, associatedData, entropy })
      expect(sealed.length).toBe(plaintext.length + SEAL_OVERHEAD_BYTES)
      expect(await aead.open({ key, sealed, associatedData })).toEqual(plaintext)
    })

    it('takes a plaintext when it is ready for it, and does not need it afterwards', async () => {
      const room = new Uint8Array(8)
      const texts = ['one', 'two', 'three', 'four'].map((text) => utf8(text.padEnd(8)))
      const asked: number[] = []
      const sealed = await Promise.all(
        texts.map((text, i) =>
          aead.seal({
            key,
            associatedData,
            entropy,
            plaintext: () => {
              asked.push(i)
              room.set(text)
              return room
            },
          }),
        ),
      )
      expect(asked.toSorted()).toEqual([0, 1, 2, 3])
      for (const [i, message] of sealed.entries()) expect(await aead.open({ key, sealed: message, associatedData })).toEqual(texts[i])
    })

    it('seals an empty plaintext', async () => {
      const sealed = await aead.seal({ key, plaintext: new Uint8Array(), associatedData, entropy })
      expect(await aead.open({ key, sealed, associatedData })).toEqual(new Uint8Array())
    })

    it('gives every message a salt of its own', async () => {
      const [a, b] = await Promise.all([1, 2].map(() => aead.seal({ key, plaintext: utf8('same'), associatedData, entropy })))
      expect(a).not.toEqual(b)
    })

    it('refuses every single bit flip', async () => {
      const sealed = await aead.seal({ key, plaintext: utf8('short'), associatedData, entropy })
      for (let bit = 0; bit < sealed.length * 8; bit++) {
        const tampered = sealed.slice()
        tampered[bit >> 3] = (tampered[bit >> 3] as number) ^ (1 << (bit & 7))
        await expect(aead.open({ key, sealed: tampered, associatedData }), `bit ${bit}`).rejects.toMatchObject({
          code: 'crypto/open-failed',
        })
      }
    })

    it('refuses every truncation and any byte more', async () => {
      const sealed = await aead.seal({ key, plaintext: utf8('short'), associatedData, entropy })
      for (let length = 0; length < sealed.length; length++) {
        await expect(aead.open({ key, sealed: sealed.slice(0, length), associatedData })).rejects.toMatchObject({
          code: 'crypto/open-failed',
        })
      }
      const longer = new Uint8Array([...sealed, 0])
      await expect(aead.open({ key, sealed: longer, associatedData })).rejects.toMatchObject({ code: 'crypto/open-failed' })
    })

    it('refuses another key, a key of the wrong length and another context', async () => {
      const sealed = await aead.seal({ key, plaintext: utf8('x'), associatedData, entropy })
      const refused = { code: 'crypto/open-failed' }
      await expect(aead.open({ key: new Uint8Array(32).fill(8), sealed, associatedData })).rejects.toMatchObject(refused)
      await expect(aead.open({ key: new Uint8Array(16), sealed, associatedData })).rejects.toMatchObject(refused)
      await expect(aead.open({ key, sealed, associatedData: utf8('item/43') })).rejects.toMatchObject(refused)
      await expect(aead.open({ key, sealed, associatedData: new Uint8Array() })).rejects.toMatchObject(refused)
    })

    it('refuses to seal under a key that is not 32 bytes', async () => {
      const sealing = aead.seal({ key: new Uint8Array(31), plaintext: utf8('x'), associatedData, entropy })
      await expect(sealing).rejects.toMatchObject({ code: 'usage/invalid-argument', details: { parameter: 'key' } })
    })

    it('keeps what it was given although the caller reuses its buffers', async () => {
      const plaintext = utf8('first')
      const context = utf8('here')
      const sealing = aead.seal({ key, plaintext, associatedData: context, entropy })
      plaintext.fill(0)
      context.fill(0)
      expect(await aead.open({ key, sealed: await sealing, associatedData: utf8('here') })).toEqual(utf8('first'))
    })
  })
}

describe('createAead across suites', () => {
  it('opens on either platform what the other sealed', async () => {
    const native = createAead()
    const portable = createAead({ subtle: null })
    for (const [writer, reader] of [
      [native, portable],
      [portable, native],
    ] as const) {
      const sealed = await writer.seal({ key, plaintext: utf8('both ways'), associatedData, entropy })
      expect(await reader.open({ key, sealed, associatedData })).toEqual(utf8('both ways'))
    }
  })

  it('fails closed when the random generator fails', async () => {
    const broken: Entropy = {
      fill() {
        throw new Error('no entropy')
      },
    }
    await expect(createAead().seal({ key, plaintext: utf8('x'), associatedData, entropy: broken })).rejects.toThrow('no entropy')
  })
})
