import { fromBase64, toBase64 } from '@mysten/bcs'
import { Ed25519Keypair } from '@mysten/sui/keypairs/ed25519'
import type { Transaction } from '@mysten/sui/transactions'
import { bls12_381 } from '@noble/curves/bls12-381.js'
import { beforeEach, describe, expect, it } from 'vitest'
import { createFaults } from '../../../src/localnet/faults.ts'
import { installKeyServers } from '../../../src/localnet/seal/install-key-servers.ts'
import {
  CLIENT_HEADERS,
  ELGAMAL_SECRET,
  keyRequestBody,
  kindBytes,
  type KeyRequestBody,
  type KeyRequestPlan,
} from '../../helpers/seal/key-request.ts'
import { stubLedger } from '../../helpers/seal/stub-ledger.ts'
import { seededEntropy } from '../../helpers/seeded-entropy.ts'

const PACKAGE = `0x${'a1'.repeat(32)}`
const OTHER_PACKAGE = `0x${'b2'.repeat(32)}`
const SPACE = `0x${'c3'.repeat(32)}`
const ID = new Uint8Array(52).fill(7)
const G1 = bls12_381.G1.Point

const wallet = Ed25519Keypair.fromSecretKey(new Uint8Array(32).fill(3))
const session = Ed25519Keypair.fromSecretKey(new Uint8Array(32).fill(4))

const ledger = stubLedger()
ledger.publish(PACKAGE, [])
ledger.publish(OTHER_PACKAGE, [])
ledger.place({ id: SPACE, type: 'space', contents: new Uint8Array(), owner: { kind: 'shared', initialVersion: 1n } })
const faults = createFaults()
const sleeps: number[] = []
const clock = {
  nowMs: () => ledger.timeMs,
  sleep: async (ms: number) => {
    sleeps.push(ms)
  },
}
const net = installKeyServers(ledger, {
  entropy: seededEntropy('key-server'),
  clock,
  faults,
  servedPackages: [PACKAGE],
  ttlMaxMin: 30,
})
const [server] = net.servers as [(typeof net.servers)[number]]

const approve = (tx: Transaction, id: Uint8Array = ID, target = `${PACKAGE}::space::seal_approve_owner`) =>
  tx.moveCall({
    target,
    arguments: [tx.pure.vector('u8', id), tx.sharedObjectRef({ objectId: SPACE, initialSharedVersion: 1, mutable: false })],
  })

async function plan(changes: Partial<KeyRequestPlan> = {}): Promise<KeyRequestPlan> {
  const kind = changes.kind ?? (await kindBytes((tx) => approve(tx)))
  return { wallet, session, packageId: PACKAGE, kind, creationTimeMs: ledger.timeMs, ttlMin: 10, ...changes }
}

async function post(
  body: unknown,
  headers: Record<string, string> = CLIENT_HEADERS,
  url = `${server.url}/v1/fetch_key`,
): Promise<Response> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return (await net.handle(new Request(url, { method: 'POST', headers, body: text }))) as Response
}

async function refusal(response: Response): Promise<[number, string]> {
  const { error, message } = (await response.json()) as { error: string; message: string }
  expect(message).toBeTruthy()
  return [response.status, error]
}

const refused = async (changes: Partial<KeyRequestPlan>) => refusal(await post(await keyRequestBody(await plan(changes))))

beforeEach(() => {
  faults.clear()
  ledger.verdict = { ok: true, events: [] }
  ledger.timeMs = 1_900_000_000_500
})

type Reply = { decryption_keys: { id: number[]; encrypted_key: [string, string] }[] }

/** The user key in an answer, or an exception if it is no curve point. */
function openKey(encrypted: readonly [string, string]): InstanceType<typeof G1> {
  const [c0, c1] = encrypted.map((part) => G1.fromBytes(fromBase64(part))) as [InstanceType<typeof G1>, InstanceType<typeof G1>]
  return c1.subtract(c0.multiply(ELGAMAL_SECRET))
}

/** e(key, G2) = e(H(id), public key): whether it is the server's key of the identity. */
function isKeyOf(key: InstanceType<typeof G1>, fullId: readonly number[], publicKey: Uint8Array): boolean {
  const hashed = bls12_381.G1.hashToCurve(Uint8Array.from([...new TextEncoder().encode('SUI-SEAL-IBE-BLS12381-00'), ...fullId]))
  const { Fp12 } = bls12_381.fields
  return Fp12.eql(
    bls12_381.pairing(key, bls12_381.G2.Point.BASE),
    bls12_381.pairing(G1.fromAffine(hashed.toAffine()), bls12_381.G2.Point.fromBytes(publicKey)),
  )
}

describe('a granted key request', () => {
  it('gets the key of the identity under the first package id, encrypted to the requester', async () => {
    const response = await post(await keyRequestBody(await plan()))
    expect(response.status).toBe(200)
    const { decryption_keys: keys } = (await response.json()) as Reply
    expect(keys).toHaveLength(1)
    const [{ id, encrypted_key }] = keys as [Reply['decryption_keys'][number]]
    expect(id).toEqual([...new Uint8Array(32).fill(0xa1), ...ID])
    expect(isKeyOf(openKey(encrypted_key), id, server.publicKey)).toBe(true)
    expect(isKeyOf(openKey(encrypted_key), id, net.servers[1]?.publicKey as Uint8Array)).toBe(false)
  })

  it('is judged by a dry run of the whole transaction kind with the certificate user as sender', async () => {
    ledger.runs.length = 0
    const kind = await kindBytes((tx) => approve(tx))
    await post(await keyRequestBody(await plan({ kind })))
    expect(ledger.runs).toEqual([{ sender: wallet.toSuiAddress(), kindBytes: kind }])
  })

  it('gets one key for each command', async () => {
    const ids = [1, 2, 3].map((byte) => new Uint8Array(52).fill(byte))
    const kind = await kindBytes((tx) => ids.forEach((id) => approve(tx, id)))
    const { decryption_keys: keys } = (await (await post(await keyRequestBody(await plan({ kind })))).json()) as Reply
    expect(keys.map((key) => key.id.slice(32))).toEqual(ids.map((id) => [...id]))
  })

  it('is a new encryption each time', async () => {
    const body = await keyRequestBody(await plan())
    const texts = await Promise.all([post(body), post(body)].map(async (response) => (await response).text()))
    expect(texts[0]).not.toBe(texts[1])
  })

  it('carries the version and the date where a browser shows them', async () => {
    const { headers } = await post(await keyRequestBody(await plan()))
    expect(headers.get('x-keyserver-version')).toBe('0.6.3')
    expect(headers.get('date')).toBe(new Date(ledger.timeMs).toUTCString())
    expect(headers.get('access-control-allow-origin')).toBe('*')
    expect(headers.get('access-control-expose-headers')).toBe('*')
  })
})

describe('transport rules', () => {
  it.each([
    ['no version header', { 'content-type': 'application/json' }, [400, 'MissingRequiredHeader']],
    ['a version that is none', { ...CLIENT_HEADERS, 'client-sdk-version': 'newest' }, [400, 'InvalidSDKVersion']],
    ['a client that is too old', { ...CLIENT_HEADERS, 'client-sdk-version': '0.4.4' }, [426, 'DeprecatedSDKVersion']],
  ])('refuses %s', async (_name, headers, expected) => {
    expect(await refusal(await post(await keyRequestBody(await plan()), headers))).toEqual(expected)
  })

  it('serves the oldest supported client', async () => {
    const headers = { ...CLIENT_HEADERS, 'client-sdk-version': '0.4.5' }
    expect((await post(await keyRequestBody(await plan()), headers)).status).toBe(200)
  })

  it('refuses bodies that are not JSON, not labelled so, too long or of another shape', async () => {
    expect((await post('{')).status).toBe(400)
    expect((await post('{}', { 'client-sdk-version': '1.4.12', 'content-type': 'text/plain' })).status).toBe(415)
    expect((await post(`"${'x'.repeat(180 * 1024)}"`)).status).toBe(413)
    expect((await post('[]')).status).toBe(422)
  })

  const drop = (name: string) => (body: KeyRequestBody) => ({ ...body, [name]: undefined })
  const inCertificate = (change: Record<string, unknown>) => (body: KeyRequestBody) => ({
    ...body,
    certificate: { ...body.certificate, ...change },
  })
  it.each<[string, (body: KeyRequestBody) => unknown]>([
    ['no transaction', drop('ptb')],
    ['no certificate', drop('certificate')],
    ['no request signature', drop('request_signature')],
    ['an ElGamal key that is no point', (body) => ({ ...body, enc_key: toBase64(new Uint8Array(48).fill(0x9f)) })],
    ['the zero point as ElGamal key', (body) => ({ ...body, enc_key: toBase64(G1.ZERO.toBytes()) })],
    ['a verification key that is no point', (body) => ({ ...body, enc_verification_key: toBase64(new Uint8Array(96)) })],
    ['a short session key', inCertificate({ session_vk: toBase64(new Uint8Array(31)) })],
    ['a negative time', inCertificate({ creation_time: -1 })],
    ['a fractional TTL', inCertificate({ ttl_min: 1.5 })],
    ['a TTL beyond 16 bits', inCertificate({ ttl_min: 65_536 })],
    ['a user that is no address', inCertificate({ user: '0x12' })],
  ])('cannot read a body with %s', async (_name, tamper) => {
    expect((await post(await keyRequestBody(await plan({ tamper })))).status).toBe(422)
  })

  it('knows its two paths and their methods only', async () => {
    expect((await post('{}', CLIENT_HEADERS, `${server.url}/v1/other`)).status).toBe(404)
    expect((await post('{}', CLIENT_HEADERS, `${server.url}/v1/service`)).status).toBe(405)
    expect(net.handle(new Request('https://elsewhere.localnet.test/v1/service'))).toBeUndefined()
  })

  it('lets a browser ask first', async () => {
    const response = (await net.handle(new Request(`${server.url}/v1/fetch_key`, { method: 'OPTIONS' }))) as Response
    expect(response.status).toBe(200)
    expect(response.headers.get('access-control-allow-headers')).toBe('*')
  })
})

describe('transaction rules', () => {
  const invalid = [403, 'InvalidPTB']

  it.each<[string, (tx: Transaction) => void]>([
    ['without a command', (tx) => void tx.pure.u8(1)],
    ['with a function of another name', (tx) => void approve(tx, ID, `${PACKAGE}::space::approve`)],
    ['calling a second package', (tx) => (approve(tx), void approve(tx, ID, `${OTHER_PACKAGE}::space::seal_approve_owner`))],
    ['that begins with something else than a call', (tx) => (tx.splitCoins(tx.gas, [tx.pure.u64(1)]), void approve(tx))],
    ['that goes on with something else than a call', (tx) => (approve(tx), void tx.splitCoins(tx.gas, [tx.pure.u64(1)]))],
    [
      'passing a result on',
      (tx) => void tx.moveCall({ target: `${PACKAGE}::space::seal_approve_x`, arguments: [tx.pure.vector('u8', ID), approve(tx)] }),
    ],
    ['without an argument', (tx) => (approve(tx), void tx.moveCall({ target: `${PACKAGE}::space::seal_approve_x`, arguments: [] }))],
    [
      'whose first argument is an object',
      (tx) =>
        void tx.moveCall({
          target: `${PACKAGE}::space::seal_approve_x`,
          arguments: [tx.sharedObjectRef({ objectId: SPACE, initialSharedVersion: 1, mutable: false })],
        }),
    ],
    [
      'whose identity is not a byte vector',
      (tx) => void tx.moveCall({ target: `${PACKAGE}::space::seal_approve_x`, arguments: [tx.pure(new Uint8Array([5, 1]))] }),
    ],
    [
      'whose identity has bytes after its end',
      (tx) => void tx.moveCall({ target: `${PACKAGE}::space::seal_approve_x`, arguments: [tx.pure(new Uint8Array([1, 1, 1]))] }),
    ],
    ['with 101 commands', (tx) => Array.from({ length: 101 }, () => approve(tx))],
  ])('refuses one %s', async (_name, build) => {
    ledger.runs.length = 0
    expect(await refused({ kind: await kindBytes(build) })).toEqual(invalid)
    expect(ledger.runs).toEqual([])
  })

  it('refuses bytes that are no transaction, and text that is no base64', async () => {
    expect(await refused({ kind: new Uint8Array([0, 9, 9, 9]) })).toEqual(invalid)
    expect(await refused({ tamper: (body) => ({ ...body, ptb: '***' }) })).toEqual(invalid)
  })

  it('refuses packages that do not exist, or that it does not serve', async () => {
    const unknown = `0x${'dd'.repeat(32)}`
    expect(await refused({ kind: await kindBytes((tx) => void approve(tx, ID, `${unknown}::space::seal_approve`)) })).toEqual([
      403,
      'InvalidPackage',
    ])
    expect(await refused({ kind: await kindBytes((tx) => void approve(tx, ID, `${OTHER_PACKAGE}::space::seal_approve`)) })).toEqual([
      400,
      'UnsupportedPackageId',
    ])
  })

  it('knows no named packages', async () => {
    expect(await refused({ mvrName: '@locket/space' })).toEqual([403, 'InvalidMVRName'])
  })
})

describe('certificate rules', () => {
  it.each([
    ['1 ms from the future', { creationTimeMs: 1_900_000_000_501 }],
    ['older than its TTL', { creationTimeMs: 1_900_000_000_500 - 600_001 }],
    ['of 31 minutes', { ttlMin: 31 }],
    ['of no minutes, 1 ms later', { ttlMin: 0, creationTimeMs: 1_900_000_000_499 }],
  ])('refuses one %s', async (_name, changes) => {
    expect(await refused(changes)).toEqual([403, 'InvalidCertificate'])
  })

  it('holds from its first to its last millisecond', async () => {
    for (const creationTimeMs of [1_900_000_000_500, 1_900_000_000_500 - 600_000]) {
      expect((await post(await keyRequestBody(await plan({ creationTimeMs })))).status).toBe(200)
    }
  })

  it('refuses a certificate the wallet did not sign so', async () => {
    const invalid = [403, 'InvalidSignature']
    const stranger = Ed25519Keypair.fromSecretKey(new Uint8Array(32).fill(5))
    const inCertificate = (change: object) => (body: KeyRequestBody) => ({ ...body, certificate: { ...body.certificate, ...change } })
    expect(await refused({ message: 'something else' })).toEqual(invalid)
    expect(await refused({ packageId: OTHER_PACKAGE })).toEqual(invalid)
    expect(await refused({ tamper: inCertificate({ ttl_min: 11 }) })).toEqual(invalid)
    expect(await refused({ tamper: inCertificate({ creation_time: 1_899_999_990_000 }) })).toEqual(invalid)
    expect(await refused({ tamper: inCertificate({ user: stranger.toSuiAddress() }) })).toEqual(invalid)
    expect(await refused({ tamper: inCertificate({ signature: 'AAAA' }) })).toEqual(invalid)
    expect(await refused({ tamper: inCertificate({ session_vk: stranger.getPublicKey().toBase64() }) })).toEqual(invalid)
  })

  it('refuses a request the session key did not sign so', async () => {
    const invalid = [403, 'InvalidSessionSignature']
    const otherKind = await kindBytes((tx) => void approve(tx, new Uint8Array(52).fill(8)))
    const otherKey = toBase64(G1.BASE.multiply(99n).toBytes())
    expect(await refused({ tamper: (body) => ({ ...body, ptb: toBase64(otherKind.slice(1)) }) })).toEqual(invalid)
    expect(await refused({ tamper: (body) => ({ ...body, enc_key: otherKey }) })).toEqual(invalid)
    expect(await refused({ tamper: (body) => ({ ...body, request_signature: toBase64(new Uint8Array(64)) }) })).toEqual(invalid)
  })
})

describe('policy rules', () => {
  it('passes an abort of the policy on as a denial', async () => {
    ledger.verdict = { ok: false, reason: 'MoveAbort 2', abort: { module: 'space', function: 'seal_approve_owner', code: 2n } }
    expect(await refused({})).toEqual([403, 'NoAccess'])
  })

  it('tells a missing function from a denial', async () => {
    ledger.verdict = { ok: false, reason: 'FunctionNotFound' }
    expect(await refused({})).toEqual([403, 'InvalidPTB'])
  })

  it('tells an input the full node refuses from a denial', async () => {
    ledger.verdict = { ok: false, reason: 'Transaction validation failed: Could not find the referenced object' }
    expect(await refused({})).toEqual([403, 'InvalidParameter'])
  })
})

describe('/v1/service', () => {
  const ask = async (id: string | undefined, at = server) =>
    await at.handle(new Request(`${at.url}/v1/service${id === undefined ? '' : `?service_id=${id}`}`, { headers: CLIENT_HEADERS }))

  it('proves possession of the master key for the public key on chain', async () => {
    const { service_id, pop } = (await (await ask(server.objectId)).json()) as { service_id: string; pop: string }
    expect(service_id).toBe(server.objectId)
    const message = Uint8Array.from([
      ...new TextEncoder().encode('SUI-SEAL-IBE-BLS12381-POP-00'),
      ...server.publicKey,
      ...fromHexId(server.objectId),
    ])
    const { shortSignatures } = bls12_381
    expect(shortSignatures.verify(fromBase64(pop), shortSignatures.hash(message), server.publicKey)).toBe(true)
  })

  it.each([undefined, '0x1', 'seal'])('does not speak for %s', async (id) => {
    expect(await refusal(await ask(id))).toEqual([400, 'InvalidServiceId'])
  })
})

describe('faults', () => {
  it('plays down, slow and failing servers', async () => {
    faults.set('key-server/0', { kind: 'down' })
    await expect(post('{}')).rejects.toThrow(TypeError)
    faults.set('key-server/0', { kind: 'slow', delayMs: 1234 })
    expect((await post('[]')).status).toBe(422)
    expect(sleeps).toContain(1234)
    faults.set('key-server/0', { kind: 'status', status: 429 }, { times: 1 })
    expect((await post('[]')).status).toBe(429)
    expect((await post('[]')).status).toBe(422)
  })

  it.each(['wrong-key', 'other-identity'] as const)('hands out a key that does not verify: %s', async (kind) => {
    faults.set('key-server/0', { kind })
    const { decryption_keys: keys } = (await (await post(await keyRequestBody(await plan()))).json()) as Reply
    const [{ id, encrypted_key }] = keys as [Reply['decryption_keys'][number]]
    expect(isKeyOf(openKey(encrypted_key), id, server.publicKey)).toBe(false)
  })

  it('lives in another time', async () => {
    faults.set('key-server/0', { kind: 'skewed-clock', skewMs: -1000 })
    const response = await post(await keyRequestBody(await plan()))
    expect(response.headers.get('date')).toBe(new Date(ledger.timeMs - 1000).toUTCString())
    expect(await refusal(response)).toEqual([403, 'InvalidCertificate'])
  })
})

function fromHexId(id: string): number[] {
  return (id.slice(2).match(/../g) as string[]).map((pair) => Number.parseInt(pair, 16))
}
