import { secp256k1 } from '@noble/curves/secp256k1.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { describe, expect, it } from 'vitest'
import { concatBytes, copyBytes, toHex, utf8 } from '../../src/core/bytes.ts'
import type { DerivedKey } from '../../src/mpc/derivation.ts'
import { derivePublicKey } from '../../src/mpc/derive-public-key.ts'
import { dangerouslyExportKey } from '../../src/mpc/export-key.ts'
import { dangerouslyImportKey } from '../../src/mpc/import-key.ts'
import { presign, signWithPresignature } from '../../src/mpc/presign.ts'
import { refreshKey } from '../../src/mpc/refresh-key.ts'
import { planReshare, reshareKey } from '../../src/mpc/reshare-key.ts'
import { fetchSignatures, signBatch } from '../../src/mpc/sign.ts'
import type { Suite, ThresholdKey } from '../../src/mpc/types.ts'
import { verifySignature } from '../../src/mpc/verify-signature.ts'
import { codeOf } from '../helpers/code-of.ts'
import { createRealWorld, type RealDevice } from '../helpers/mpc/real-world.ts'

const NAMES = ['agent', 'person', 'recovery']
const digest = new Uint8Array(32).fill(7)

/** BIP32's public derivation, once more: `CKDpub`. */
function childOf({ publicKey, chainCode }: DerivedKey, index: number): DerivedKey {
  const output = hmac(sha512, chainCode, concatBytes(publicKey, Uint8Array.of(0, 0, 0, index)))
  const step = secp256k1.Point.BASE.multiply(BigInt(`0x${toHex(output.subarray(0, 32))}`))
  return { publicKey: copyBytes(secp256k1.Point.fromBytes(publicKey).add(step).toBytes(true)), chainCode: output.slice(32) }
}

describe.each<Suite>(['ecdsa-secp256k1', 'frost-ed25519', 'frost-taproot'])('a key of %s, over sealed sessions', (suite) => {
  it('is made, signs with any two, is refreshed, loses a device and gets another, and stays the same key', async () => {
    const world = await createRealWorld(NAMES)
    const key = await world.create(suite)
    const check = async (pair: readonly number[], message = digest) => {
      const signature = await world.sign(key, pair, message)
      expect(await verifySignature({ suite, publicKey: key.publicKey, message, signature })).toBe(true)
    }
    for (const pair of [
      [1, 2],
      [1, 3],
      [2, 3],
    ])
      await check(pair)

    let options = world.invite()
    const refreshed = await world.run(Promise.all(world.devices.map(({ party }) => refreshKey(party, { keyId: key.id }, options))))
    expect(refreshed).toMatchObject([1, 2, 3].map((self) => ({ epoch: 1, self, publicKey: key.publicKey })))
    await check([3, 1])

    const world4 = await createRealWorld([...NAMES, 'new phone'])
    const four = await world4.create(suite, 3)
    const plan = planReshare(four, {
      dealers: [1, 3, 4],
      members: [4, 1, 3].map((at) => world4.devices[at - 1] as RealDevice),
      threshold: 2,
    })
    options = world4.invite()
    const moving = [1, 3, 4].map((at) => world4.devices[at - 1] as RealDevice)
    const moved = await world4.run(Promise.all(moving.map(({ party, card }) => reshareKey(party, { plan, card }, options))))
    expect(moved).toMatchObject([{ self: 2 }, { self: 3 }, { self: 1, epoch: 1, threshold: 2, publicKey: four.publicKey }])
  })

  it('comes from a whole key and becomes one again', async () => {
    const world = await createRealWorld(NAMES)
    const secretKey = new Uint8Array(32).fill(3)
    let options = world.invite()
    const request = { suite, threshold: 2, members: world.members(), dealer: 1 }
    const importing = world.devices.map(({ party }, at) =>
      dangerouslyImportKey(party, { ...request, self: at + 1, secretKey: at === 0 ? secretKey : undefined }, options),
    )
    const [key] = (await world.run(Promise.all(importing))) as [ThresholdKey]
    await world.sign(key, [2, 3], digest)
    options = world.invite()
    const exporting = [2, 3].map((index) =>
      dangerouslyExportKey(world.party(index), { keyId: key.id, participants: [2, 3], receiver: 3 }, options),
    )
    const [nothing, whole] = await world.run(Promise.all(exporting))
    expect(nothing).toBeUndefined()
    if (suite === 'ecdsa-secp256k1') {
      expect(whole).toEqual(secretKey)
      expect(secp256k1.getPublicKey(secretKey, true)).toEqual(key.publicKey)
    }
    expect(whole?.length).toBe(32)
  })
})

describe('an ECDSA key, over sealed sessions', () => {
  it('signs a batch, with presignatures, and for keys derived from it', async () => {
    const world = await createRealWorld(NAMES)
    const key = await world.create('ecdsa-secp256k1')
    const participants = [1, 3]
    const path = 'm/0/7'
    const derived = await derivePublicKey(world.party(1), { keyId: key.id, path })
    const root = await derivePublicKey(world.party(1), { keyId: key.id })
    expect(root.publicKey).toEqual(key.publicKey)
    expect(derived).toEqual(childOf(childOf(root, 0), 7))

    let options = world.invite()
    const messages = [1, 2, 3].map((byte) => new Uint8Array(32).fill(byte))
    const batch = { keyId: key.id, participants, messages, path }
    const [outcomes] = await world.run(Promise.all(participants.map((index) => signBatch(world.party(index), batch, options))))
    for (const [at, outcome] of (outcomes ?? []).entries()) {
      const signature = 'signature' in outcome ? outcome.signature : new Uint8Array()
      const message = messages[at] as Uint8Array
      expect(await verifySignature({ suite: key.suite, publicKey: derived.publicKey, message, signature })).toBe(true)
    }
    // Whoever missed the end finds them, without the others.
    expect(await world.run(fetchSignatures(world.party(3), batch, options))).toEqual(outcomes)

    options = world.invite()
    const making = participants.map((index) => presign(world.party(index), { keyId: key.id, participants, count: 2, path }, options))
    const [ids, others] = await world.run(Promise.all(making))
    expect(ids).toEqual(others)
    const [presignatureId] = ids as [string]
    const attempt = (changes = {}) => {
      const invitation = world.invite()
      const request = { keyId: key.id, participants, message: digest, path, presignatureId, ...changes }
      return Promise.all(participants.map((index) => signWithPresignature(world.party(index), request, invitation)))
    }
    const [first, second] = await world.run(attempt())
    expect(first).toEqual(second)
    expect(await verifySignature({ suite: key.suite, publicKey: derived.publicKey, message: digest, signature: first as Uint8Array })).toBe(
      true,
    )
    expect(await codeOf(attempt())).toBe('mpc/presignature-used')
    expect(await codeOf(attempt({ presignatureId: ids?.[1], path: 'm' }))).toBe('mpc/presignature-used')
    expect(world.party(1).shares.record(key.id).presignatures.length).toBe(1)
  })

  it('derives only what has a meaning', async () => {
    const world = await createRealWorld(['agent', 'person'])
    const key = await world.create('ecdsa-secp256k1')
    for (const path of ["m/0'", 'm/2147483648', '0/1', 'm/', 'm/01', 'm/x', `m${'/0'.repeat(256)}`]) {
      expect(await codeOf(derivePublicKey(world.party(1), { keyId: key.id, path })), path).toBe('usage/invalid-argument')
    }
    const other = await world.create('frost-ed25519')
    expect(await codeOf(derivePublicKey(world.party(1), { keyId: other.id, path: 'm/0' }))).toBe('usage/invalid-argument')
    expect(await codeOf(presign(world.party(1), { keyId: other.id, participants: [1, 2], count: 1 }, world.invite()))).toBe(
      'usage/invalid-argument',
    )
    expect(await codeOf(presign(world.party(1), { keyId: key.id, participants: [1, 2], count: 33 }, world.invite()))).toBe(
      'usage/invalid-argument',
    )
  })
})

describe('an Ed25519 key, over sealed sessions', () => {
  it('signs several messages of any length', async () => {
    const world = await createRealWorld(['agent', 'person'])
    const key = await world.create('frost-ed25519')
    const messages = [utf8(''), utf8('short'), new Uint8Array(65_536).fill(1)]
    const options = world.invite()
    const request = { keyId: key.id, participants: [1, 2], messages }
    const [outcomes] = await world.run(Promise.all([1, 2].map((index) => signBatch(world.party(index), request, options))))
    expect(outcomes?.map((outcome) => 'signature' in outcome)).toEqual([true, true, true])
  })
})
