import { createCipheriv, createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { concatBytes, fromHex, toHex, utf8, type Bytes } from '../../src/core/bytes.ts'
import { ciphersFor } from '../../src/crypto/ciphers.ts'
import { createAead, deriveKey, expandKey, pad, padmeLength, unpad } from '../../src/crypto/index.ts'
import { createSeededEntropy } from '../../src/testkit/seeded-entropy.ts'

type HkdfCase = { name: string; ikm: string; salt: string; info: string; length: number; prk: string; okm: string }
type AeadCase = { source: string; suite: 1 | 2; key: string; salt: string; aad: string; plaintext: string; ciphertext: string; tag: string }

function load<T>(name: string): T[] {
  return (JSON.parse(readFileSync(new URL(`./crypto/${name}.json`, import.meta.url), 'utf8')) as { cases: T[] }).cases
}

describe('deriveKey and expandKey (RFC 5869)', () => {
  for (const { name, ikm, salt, info, length, prk, okm } of load<HkdfCase>('hkdf-sha256')) {
    it(name, () => {
      const input = { info: fromHex(info), lengthBytes: length }
      expect(toHex(deriveKey({ ...input, secret: fromHex(ikm), salt: fromHex(salt) }))).toBe(okm)
      expect(toHex(expandKey({ ...input, secret: fromHex(prk) }))).toBe(okm)
    })
  }

  it('refuses lengths HKDF cannot give and secrets that are no key', () => {
    const input = { secret: new Uint8Array(32), salt: new Uint8Array(), info: new Uint8Array() }
    expect(deriveKey({ ...input, lengthBytes: 255 * 32 }).length).toBe(255 * 32)
    for (const lengthBytes of [0, -1, 1.5, 255 * 32 + 1, Number.NaN]) {
      expect(() => deriveKey({ ...input, lengthBytes })).toThrow(expect.objectContaining({ code: 'usage/invalid-argument' }))
    }
    expect(() => expandKey({ ...input, secret: new Uint8Array(31), lengthBytes: 32 })).toThrow(
      expect.objectContaining({ code: 'usage/invalid-argument' }),
    )
  })
})

describe('the ciphers under the AEAD', () => {
  for (const subtle of [globalThis.crypto.subtle, undefined]) {
    for (const vector of load<AeadCase>('aead')) {
      it(`${vector.source}${subtle ? ', WebCrypto' : ', JavaScript'}`, async () => {
        const cipher = await ciphersFor(subtle)(vector.suite)
        const common = { cipherKey: fromHex(vector.key), salt: fromHex(vector.salt), associatedData: fromHex(vector.aad) }
        const sealed = fromHex(vector.ciphertext + vector.tag)
        expect(toHex(await cipher.encrypt({ ...common, input: () => fromHex(vector.plaintext) }))).toBe(toHex(sealed))
        expect(toHex(await cipher.decrypt({ ...common, input: () => sealed }))).toBe(vector.plaintext)
        for (let bit = 0; bit < sealed.length * 8; bit += 5) {
          const tampered = sealed.slice()
          tampered[bit >> 3] = (tampered[bit >> 3] as number) ^ (1 << (bit & 7))
          await expect(cipher.decrypt({ ...common, input: () => tampered })).rejects.toThrow()
        }
        await expect(cipher.decrypt({ ...common, associatedData: utf8('other'), input: () => sealed })).rejects.toThrow()
        await expect(cipher.decrypt({ ...common, input: () => sealed.slice(0, 15) })).rejects.toThrow()
      })
    }
  }
})

describe('the sealed format', () => {
  const key = Uint8Array.from({ length: 32 }, (_, i) => i)
  const associatedData = utf8('item/1')
  const plaintext = utf8('allergic to peanuts')

  it('is what an independent reading of its description gives', async () => {
    const sealed = await createAead().seal({ key, plaintext, associatedData, entropy: createSeededEntropy('format') })
    const salt = sealed.slice(2, 26)
    const info = concatBytes(utf8('locket/aead/v1'), Uint8Array.of(1), salt, associatedData)
    const first = createHmac('sha256', key).update(info).update(Uint8Array.of(1)).digest()
    const second = createHmac('sha256', key).update(first).update(info).update(Uint8Array.of(2)).digest()
    const cipher = createCipheriv('aes-256-gcm', second, new Uint8Array(12)).setAAD(associatedData)
    const body = Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
    expect(toHex(sealed)).toBe(`0101${toHex(salt)}${toHex(first)}${toHex(body)}`)
  })

  it('has not moved', async () => {
    const [native, portable] = await Promise.all(
      [createAead(), createAead({ subtle: null })].map((aead) =>
        aead.seal({ key, plaintext, associatedData, entropy: createSeededEntropy('format') }),
      ),
    )
    expect({ native: toHex(native as Bytes), portable: toHex(portable as Bytes) }).toMatchSnapshot()
  })
})

describe('key commitment', () => {
  it('refuses a ciphertext made to open under two keys, which plain GCM accepts', async () => {
    const keys = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)] as const
    const associatedData = utf8('item/1')
    const salt = new Uint8Array(24).fill(9)
    const derived = keys.map((secret) => {
      const info = concatBytes(utf8('locket/aead/v1'), Uint8Array.of(1), salt, associatedData)
      return expandKey({ secret, info, lengthBytes: 64 })
    }) as [Bytes, Bytes]
    const commitments = derived.map((bytes) => bytes.slice(0, 32)) as [Bytes, Bytes]
    const cipherKeys = derived.map((bytes) => bytes.slice(32)) as [Bytes, Bytes]
    const input = twoKeyGcm(cipherKeys, associatedData)

    const cipher = await ciphersFor(globalThis.crypto.subtle)(1)
    for (const cipherKey of cipherKeys) expect((await cipher.decrypt({ cipherKey, salt, associatedData, input: () => input })).length).toBe(32)

    const aead = createAead()
    for (const [at, commitment] of commitments.entries()) {
      const sealed = concatBytes(Uint8Array.of(1, 1), salt, commitment, input)
      expect((await aead.open({ key: keys[at] as Bytes, sealed, associatedData })).length).toBe(32)
      await expect(aead.open({ key: keys[1 - at] as Bytes, sealed, associatedData })).rejects.toMatchObject({ code: 'crypto/open-failed' })
    }
  })
})

describe('padmeLength', () => {
  it('matches the published function and wastes at most 12 percent', () => {
    for (let length = 2; length < 70_000; length++) {
      const exponent = Math.floor(Math.log2(length + 0.5))
      const lastBits = exponent - (Math.floor(Math.log2(exponent)) + 1)
      const mask = 2 ** Math.max(0, lastBits) - 1
      const expected = (length + mask) & ~mask
      const isRight = padmeLength(length) === expected && padmeLength(expected) === expected && (expected - length) / length < 0.12
      if (!isRight) expect.fail(`length ${length}: ${padmeLength(length)}`)
    }
    expect([0, 1, 9, 2 ** 31 + 5].map(padmeLength)).toEqual([0, 1, 10, 2 ** 31 + 2 ** 26])
  })
})

describe('pad and unpad', () => {
  it('hides the length up to a minimum and gives the content back', () => {
    for (const length of [0, 1, 5, 250, 252, 253, 1_000]) {
      const content = new Uint8Array(length).fill(7)
      const padded = pad(content, 256)
      expect(padded.length).toBe(padmeLength(Math.max(256, length + 4)))
      expect(unpad(padded)).toEqual(content)
    }
  })

  it('refuses what is cut, longer than it says, or has anything in its padding', () => {
    const padded = pad(utf8('hello'), 64)
    expect(() => unpad(padded.slice(0, 3))).toThrow(expect.objectContaining({ code: 'codec/truncated' }))
    expect(() => unpad(padded.slice(0, 8))).toThrow(expect.objectContaining({ code: 'codec/truncated' }))
    const stray = padded.slice()
    stray[63] = 1
    expect(() => unpad(stray)).toThrow(expect.objectContaining({ code: 'codec/invalid' }))
    expect(() => unpad(concatBytes(padded, new Uint8Array(1)))).toThrow(expect.objectContaining({ code: 'codec/invalid' }))
  })
})

/**
 * Two ciphertext blocks and a tag that authenticate under both keys: the tag is
 * linear in each block over GF(2^128), so one block is solved for (Dodis,
 * Grubbs, Ristenpart, Woodage, "Fast Message Franking", CRYPTO 2018).
 */
function twoKeyGcm(cipherKeys: readonly [Bytes, Bytes], associatedData: Bytes): Bytes {
  const block = (key: Bytes, input: bigint) => {
    const cipher = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false)
    return toBig(cipher.update(fromBig(input)))
  }
  const lengths = (BigInt(associatedData.length * 8) << 64n) | 256n
  const aad = toBig(concatBytes(associatedData, new Uint8Array(16 - associatedData.length)))
  const firstBlock = 0x6c6f636b6574n
  const sides = cipherKeys.map((key) => {
    const h = block(key, 0n)
    const powers = [h]
    for (let i = 0; i < 3; i++) powers.push(multiply(powers[i] as bigint, h))
    const [h1, h2, h3, h4] = powers as [bigint, bigint, bigint, bigint]
    // J0 is the zero nonce with counter 1.
    return { factor: h2, known: multiply(aad, h4) ^ multiply(firstBlock, h3) ^ multiply(lengths, h1) ^ block(key, 1n) }
  }) as [{ factor: bigint; known: bigint }, { factor: bigint; known: bigint }]
  const solved = multiply(sides[0].known ^ sides[1].known, invert(sides[0].factor ^ sides[1].factor))
  const tag = sides[0].known ^ multiply(solved, sides[0].factor)
  return concatBytes(fromBig(firstBlock), fromBig(solved), fromBig(tag))
}

/** In GF(2^128) with GCM's reflected bits (SP 800-38D section 6.3). */
function multiply(x: bigint, y: bigint): bigint {
  let product = 0n
  let shifted = y
  for (let bit = 127n; bit >= 0n; bit--) {
    if ((x >> bit) & 1n) product ^= shifted
    shifted = shifted & 1n ? (shifted >> 1n) ^ (0xe1n << 120n) : shifted >> 1n
  }
  return product
}

/** x^(2^128 - 2). */
function invert(x: bigint): bigint {
  let result = 1n << 127n
  let power = x
  for (let bit = 1; bit < 128; bit++) {
    power = multiply(power, power)
    result = multiply(result, power)
  }
  return result
}

function toBig(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(bytes)}`)
}

function fromBig(value: bigint): Bytes {
  return fromHex(value.toString(16).padStart(32, '0'))
}
