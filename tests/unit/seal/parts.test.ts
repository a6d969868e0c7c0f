import { SessionKey } from '@mysten/seal'
import { Ed25519Keypair } from '@mysten/sui/keypairs/ed25519'
import { describe, expect, it } from 'vitest'
import { concatBytes, fromHex } from '../../../src/core/bytes.ts'
import { fingerprintOf, MAX_KEY_EPOCHS, openHistory, openLabel, sealHistory, sealLabel } from '../../../src/seal/data-keys.ts'
import { assertIdentity, createIdentity } from '../../../src/seal/identity.ts'
import { judgeAnswers, type Judged } from '../../../src/seal/judge-answers.ts'
import { createKeyRing } from '../../../src/seal/key-ring.ts'
import { policyBranch } from '../../../src/seal/policy-branch.ts'
import { createSealSession, sessionMessage } from '../../../src/seal/session.ts'
import { decodeSession, encodeSession } from '../../../src/seal/session-record.ts'
import { explainSpaceAbort } from '../../../src/seal/space-abort.ts'
import { decodeMarker, decodeSpace } from '../../../src/seal/space.wire.ts'
import type { SpaceState } from '../../../src/seal/types.ts'
import { codeOf } from '../../helpers/code-of.ts'
import { sealWorld } from '../../helpers/seal/seal-world.ts'
import { seededEntropy } from '../../helpers/seeded-entropy.ts'

const entropy = seededEntropy('parts')
const SPACE = `0x${'c3'.repeat(32)}`
const OTHER = `0x${'c4'.repeat(32)}`
const key = (byte: number) => new Uint8Array(32).fill(byte)
const coded = (code: string) => expect.objectContaining({ code })
const codec = expect.objectContaining({ code: expect.stringMatching(/^codec\//) })

describe('identities', () => {
  it('are the space, the epoch in little endian and 16 random bytes', () => {
    const identity = createIdentity({ spaceId: SPACE, epoch: 0x01020304, entropy })
    expect(identity).toHaveLength(52)
    expect(identity.slice(0, 36)).toEqual(concatBytes(fromHex(SPACE), Uint8Array.of(4, 3, 2, 1)))
    expect(createIdentity({ spaceId: SPACE, epoch: 0x01020304, entropy })).not.toEqual(identity)
    expect(() => assertIdentity(identity, SPACE, 0x01020304)).not.toThrow()
  })

  it('of another space, epoch or length are refused', () => {
    const identity = createIdentity({ spaceId: SPACE, epoch: 7, entropy })
    for (const [id, space, epoch] of [
      [identity, OTHER, 7],
      [identity, SPACE, 8],
      [identity.slice(0, 51), SPACE, 7],
      [concatBytes(identity, new Uint8Array(1)), SPACE, 7],
    ] as const) {
      expect(() => assertIdentity(id, space, epoch)).toThrow(coded('codec/invalid'))
    }
  })
})

describe('key history and label', () => {
  const place = { spaceId: SPACE, epoch: 2 }
  const none = new Map<number, Uint8Array>()
  const older = { keys: new Map([[1, key(2)]]), fingerprints: new Map([[0, fingerprintOf(key(1))]]) }

  it('come back under the same key, space and epoch only', async () => {
    const history = await sealHistory({ ...place, dataKey: key(3), older, entropy })
    expect(await openHistory({ ...place, dataKey: key(3), history })).toEqual(older)
    expect(await openHistory({ spaceId: SPACE, epoch: 0, dataKey: key(3), history: new Uint8Array() })).toEqual({
      keys: none,
      fingerprints: none,
    })
    const failures = [
      { ...place, dataKey: key(4), history },
      { ...place, spaceId: OTHER, dataKey: key(3), history },
      { ...place, epoch: 3, dataKey: key(3), history },
      { ...place, dataKey: key(3), history: new Uint8Array() },
      { ...place, dataKey: key(3), history: history.slice(0, -1) },
    ]
    for (const failure of failures) expect(await codeOf(openHistory(failure))).toBe('crypto/open-failed')
    const label = await sealLabel({ ...place, dataKey: key(3), label: 'família', entropy })
    expect(await openLabel({ ...place, dataKey: key(3), sealed: label })).toBe('família')
    expect(await codeOf(openLabel({ ...place, dataKey: key(3), sealed: history }))).toBe('crypto/open-failed')
  })

  it('must hold every earlier epoch', async () => {
    const history = await sealHistory({ ...place, dataKey: key(3), older: { keys: new Map([[0, key(1)]]), fingerprints: none }, entropy })
    expect(await codeOf(openHistory({ ...place, dataKey: key(3), history }))).toBe('codec/invalid')
  })

  it('fit the contract up to the last epoch, and no further', async () => {
    const many = (count: number) => ({
      keys: new Map(Array.from({ length: count }, (_, i) => [i, key(i & 255)] as const)),
      fingerprints: none,
    })
    const full = await sealHistory({ spaceId: SPACE, epoch: MAX_KEY_EPOCHS, dataKey: key(3), older: many(MAX_KEY_EPOCHS), entropy })
    expect(full.length).toBeLessThanOrEqual(16_000)
    const more = sealHistory({ spaceId: SPACE, epoch: MAX_KEY_EPOCHS + 1, dataKey: key(3), older: many(MAX_KEY_EPOCHS + 1), entropy })
    expect(await codeOf(more)).toBe('codec/too-large')
  })
})

describe('the key ring', () => {
  const none = new Map<number, Uint8Array>()
  const keysOf = (...bytes: number[]) => new Map(bytes.map((byte, epoch) => [epoch, key(byte)] as const))

  it('knows when it is behind, and refuses a history that contradicts it', () => {
    const ring = createKeyRing()
    const handle = ring.put(SPACE, 0, keysOf(1), none)
    expect(ring.get(SPACE)).toBe(handle)
    ring.seen(SPACE, 1)
    expect(ring.get(SPACE)).toBeUndefined()
    expect(() => ring.put(SPACE, 1, keysOf(9, 2), none)).toThrow(coded('seal/server-misbehaved'))
    expect(() => ring.put(SPACE, 1, new Map([[1, key(2)]]), none)).toThrow(coded('seal/server-misbehaved'))
    const next = ring.put(SPACE, 1, keysOf(1, 2), none)
    expect(ring.get(SPACE)).toBe(next)
    expect(handle.keyOf(0)).toEqual(key(1))
  })

  it('recognises a destroyed key by its fingerprint alone', () => {
    const ring = createKeyRing()
    ring.put(SPACE, 0, keysOf(1), none)
    const destroyed = new Map([[1, key(2)]])
    expect(() => ring.put(SPACE, 1, destroyed, new Map([[0, fingerprintOf(key(9))]]))).toThrow(coded('seal/server-misbehaved'))
    const handle = ring.put(SPACE, 1, destroyed, new Map([[0, fingerprintOf(key(1))]]))
    expect(handle.keyOf(0)).toBeUndefined()
    expect(handle.keyOf(1)).toEqual(key(2))
  })

  it('overwrites what it forgets, the keys of earlier entries too', () => {
    const ring = createKeyRing()
    const [first, again, second] = [key(5), key(5), key(6)]
    const handle = ring.put(SPACE, 0, new Map([[0, first]]), none)
    ring.put(
      SPACE,
      1,
      new Map([
        [0, again],
        [1, second],
      ]),
      none,
    )
    ring.clear()
    for (const bytes of [first, again, second]) expect(bytes).toEqual(key(0))
    ring.put(SPACE, 0, keysOf(7), none)
    expect(() => handle.keyOf(0)).toThrow(coded('usage/wrong-state'))
  })
})

describe('policyBranch', () => {
  const base = { owner: '0xa', members: [], timelock: undefined, successor: undefined, lastSeenMs: 1_000 } as unknown as SpaceState
  const member = (expiresAtMs?: number) => ({ address: '0xb', role: 'reader' as const, expiresAtMs })
  const timelock = { beneficiary: '0xb', releaseAtMs: 5_000 }
  const successor = { address: '0xb', silenceMs: 2_000 }

  it('picks the branch that holds, or the first that could', () => {
    expect(policyBranch({ ...base, members: [member()] }, '0xa', 0)).toBe('owner')
    expect(policyBranch({ ...base, members: [member()] }, '0xc', 0)).toBeUndefined()
    expect(policyBranch({ ...base, members: [member(10)] }, '0xb', 99)).toBe('member')
    expect(policyBranch({ ...base, members: [member(10)], timelock }, '0xb', 5_000)).toBe('timelock')
    expect(policyBranch({ ...base, timelock, successor }, '0xb', 3_000)).toBe('successor')
    expect(policyBranch({ ...base, timelock, successor }, '0xb', 2_999)).toBe('timelock')
  })
})

describe('judgeAnswers', () => {
  const of = (...verdicts: [Judged['verdict'], string?][]): Judged[] =>
    verdicts.map(([verdict, reason], i) => ({ objectId: `${i}`, weight: 1, verdict, reason }))
  const denied: [Judged['verdict'], string] = ['refused', 'NoAccess']
  const certificate: [Judged['verdict'], string] = ['refused', 'InvalidCertificate']

  it.each([
    ['all deny', of(denied, denied, denied), 'seal/no-access', false],
    ['two deny, one was not waited for', of(denied, denied, ['cancelled']), 'seal/no-access', false],
    ['one denies, one is down', of(['ok'], denied, ['down']), 'seal/threshold', false],
    ['certificates are refused', of(certificate, certificate, ['cancelled']), 'seal/clock-skew', false],
    ['one certificate is what is missing', of(['ok'], certificate, ['down']), 'seal/clock-skew', false],
    [
      'signatures are refused',
      of(['refused', 'InvalidSignature'], ['refused', 'InvalidSessionSignature'], ['down']),
      'seal/session-expired',
      false,
    ],
    [
      'the package is not served',
      of(['refused', 'UnsupportedPackageId'], ['refused', 'InvalidPackage'], ['down']),
      'seal/wrong-package',
      false,
    ],
    ['an object is not seen yet', of(['refused', 'InvalidParameter'], ['refused', 'InvalidParameter'], ['ok']), 'chain/not-found', true],
    ['one lies', of(['ok'], ['lied'], ['down']), 'seal/server-misbehaved', false],
    ['servers are busy', of(['ok'], ['refused', 'Failure'], ['down']), 'seal/threshold', true],
    ['all are down', of(['down'], ['down'], ['down']), 'seal/threshold', false],
    ['a refusal is unknown', of(['refused', 'HTTP 418'], ['refused', 'HTTP 418'], ['ok']), 'seal/threshold', false],
  ] as const)('when %s', (_name, answers, code, retry) => {
    expect(judgeAnswers(answers, 2)).toEqual({ code, retry })
  })

  it('weighs', () => {
    const heavy = { objectId: 'x', weight: 3, verdict: 'refused', reason: 'NoAccess' } as const
    expect(judgeAnswers([...of(['ok'], ['ok'], ['down']), heavy], 4).code).toBe('seal/no-access')
  })
})

describe('sessions', () => {
  const wallet = Ed25519Keypair.fromSecretKey(key(3))
  const draft = { address: wallet.toSuiAddress(), packageId: SPACE, creationTimeMs: 1_900_000_000_123, ttlMin: 7, secretKey: key(8) }

  it('ask the wallet for the very message the SDK would, and certify the same', async () => {
    const { signature } = await wallet.signPersonalMessage(sessionMessage(draft))
    const session = { ...draft, signature }
    const theirs = SessionKey.import(
      {
        address: session.address,
        packageId: session.packageId,
        creationTimeMs: session.creationTimeMs,
        ttlMin: session.ttlMin,
        personalMessageSignature: signature,
        sessionKey: Ed25519Keypair.fromSecretKey(session.secretKey).getSecretKey(),
      },
      (await sealWorld({ servers: 1 })).client,
    )
    expect(new TextDecoder().decode(sessionMessage(draft))).toBe(new TextDecoder().decode(theirs.getPersonalMessage()))
    const ours = createSealSession(session, entropy)
    const { mvr_name: _mvr, ...certificate } = await theirs.getCertificate()
    expect(await ours.getCertificate()).toEqual(certificate)
    expect(ours.getPackageId()).toBe(theirs.getPackageId())
    const [mine, reference] = [await ours.createRequestParams(new Uint8Array(9)), await theirs.createRequestParams(new Uint8Array(9))]
    expect(Object.keys(mine).sort()).toEqual(Object.keys(reference).sort())
    for (const name of ['encKey', 'encKeyPk', 'encVerificationKey'] as const) expect(mine[name]).toHaveLength(reference[name].length)
  })

  it('survive storage, and no damaged record does', () => {
    const session = { ...draft, signature: 'AAAA' }
    const bytes = encodeSession(session)
    expect(decodeSession(bytes)).toEqual(session)
    for (let length = 0; length < bytes.length; length++) expect(decodeSession(bytes.slice(0, length))).toBeUndefined()
    expect(decodeSession(concatBytes(bytes, new Uint8Array(1)))).toBeUndefined()
    expect(decodeSession(Uint8Array.from(bytes, (byte, i) => (i === 0 ? 2 : byte)))).toBeUndefined()
  })
})

describe('objects of the contract', () => {
  it('are read as the contract wrote them, and nothing shorter or longer is', async () => {
    const world = await sealWorld({ servers: 1 })
    const owner = world.wallet()
    const engine = world.engine(owner)
    const { id } = await engine.createSpace({ label: 'x' })
    await engine.addMember(id, { address: `0x${'77'.repeat(32)}`, role: 'writer', expiresAtMs: world.ledger.nowMs() + 1 })
    await engine.setTimelock(id, { beneficiary: `0x${'78'.repeat(32)}`, releaseAtMs: world.ledger.nowMs() + 1 })
    const contents = world.ledger.get(id)?.contents as Uint8Array
    expect(decodeSpace(contents)).toMatchObject({ id, owner: owner.toSuiAddress(), version: 1, lastSeenMs: world.ledger.nowMs() })
    for (let length = 0; length < contents.length; length++) expect(() => decodeSpace(contents.slice(0, length))).toThrow(codec)
    expect(() => decodeSpace(concatBytes(contents, new Uint8Array(1)))).toThrow(codec)
    // A view into a larger buffer ends where it ends.
    expect(() => decodeSpace(concatBytes(contents, new Uint8Array(9)).subarray(0, contents.length - 1))).toThrow(codec)
    const marker = [...world.ledger.view().objects()].find(({ type }) => type.endsWith('::SpaceKey'))
    expect(decodeMarker(marker?.contents as Uint8Array).spaceId).toBe(id)
    expect(() => decodeMarker(new Uint8Array(64))).toThrow(codec)
  })

  it('abort with codes that all have a meaning', () => {
    expect(explainSpaceAbort(4)).toEqual({ name: 'EStaleEpoch', code: 'seal/stale-epoch' })
    expect(explainSpaceAbort(5)).toEqual({ name: 'EStaleHead', code: 'memory/conflict' })
    expect(explainSpaceAbort(99).code).toBe('chain/rejected')
  })
})
