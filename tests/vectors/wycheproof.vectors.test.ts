import { sha256 } from '@noble/hashes/sha2.js'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { concatBytes, fromHex, toHex } from '../../src/core/bytes.ts'
import type { Suite } from '../../src/mpc/types.ts'
import { verifySignature } from '../../src/mpc/verify-signature.ts'
import { q, scalarBytes, toInteger } from '../reference/dkls/field.ts'

type Keys = { readonly source: string; readonly key: string; readonly tests: readonly [id: number, message: string, signature: string, valid: 0 | 1, comment: string][] }

function load(name: string): readonly Keys[] {
  return (JSON.parse(readFileSync(new URL(`./wycheproof/${name}.json`, import.meta.url), 'utf8')) as { keys: Keys[] }).keys
}

const isHigh = (signature: Uint8Array) => signature.length === 64 && toInteger(signature.subarray(32)) > q / 2n

/** How many of the signatures were accepted, after each of them got the verdict it must. */
async function countAccepted(name: string, suite: Suite): Promise<{ accepted: number; refused: number }> {
  const counts = { accepted: 0, refused: 0 }
  for (const { source, key, tests } of load(name)) {
    for (const [id, text, hex, valid, comment] of tests) {
      const message = suite === 'ecdsa-secp256k1' ? sha256(fromHex(text)) : fromHex(text)
      const given = { suite, publicKey: fromHex(key), message }
      const signature = fromHex(hex)
      const high = suite === 'ecdsa-secp256k1' && isHigh(signature)
      const about = `${source} ${id}: ${comment}`
      const accepted = await verifySignature({ ...given, signature })
      expect(accepted, about).toBe(valid === 1 && !high)
      if (valid === 1 && high) {
        const low = concatBytes(signature.subarray(0, 32), scalarBytes(q - toInteger(signature.subarray(32))))
        expect(await verifySignature({ ...given, signature: low }), `${about}, made low`).toBe(true)
      }
      counts[accepted ? 'accepted' : 'refused'] += 1
    }
  }
  return counts
}

describe('verifySignature on the vectors of Project Wycheproof', () => {
  it('accepts what is an ECDSA signature with low S, and nothing else', async () => {
    const { accepted, refused } = await countAccepted('ecdsa-secp256k1-sha256', 'ecdsa-secp256k1')
    expect(accepted + refused).toBe(329)
    expect(Math.min(accepted, refused)).toBeGreaterThan(90)
  })

  it('accepts what is an Ed25519 signature, and nothing else', async () => {
    const { accepted, refused } = await countAccepted('ed25519', 'frost-ed25519')
    expect(accepted + refused).toBe(148)
    expect(Math.min(accepted, refused)).toBeGreaterThan(60)
  })

  it('refuses each of them under another suite', async () => {
    for (const { key, tests } of load('ed25519').slice(0, 4)) {
      for (const [, message, signature] of tests) {
        for (const suite of ['ecdsa-secp256k1', 'frost-taproot'] as const) {
          const given = { suite, publicKey: fromHex(key), message: fromHex(message), signature: fromHex(signature) }
          expect(await verifySignature(given), toHex(given.signature)).toBe(false)
        }
      }
    }
  })
})
