import type { Signer } from '@mysten/sui/cryptography'
import { beforeEach, describe, expect, it } from 'vitest'
import { packQuilts } from '../../../src/walrus/pack-quilts.ts'
import { type EngineBench, memoryJournal, openEngineBench } from './engine-bench.ts'
import { patches, seeded } from './helpers.ts'

let seed = 9_000
const freshQuilt = async () => {
  const [quilt] = await packQuilts(
    patches(2, () => 120, seeded(seed++)),
    { nShards: 100 },
  )
  return quilt!.bytes
}
const TIP = { kind: 'const', address: `0x${'71'.repeat(32)}`, tipMist: 500 } as const

describe('an upload that fails', () => {
  let bench: EngineBench
  beforeEach(async () => {
    bench = await openEngineBench({ tip: TIP })
  })

  /** The same upload again, nothing broken: exactly one blob, paid once. */
  async function resumes(quilt: Uint8Array<ArrayBuffer>, journal = memoryJournal(), signatures = 2) {
    bench.faults.clear()
    const receipt = await bench.engine().upload({ quilt, epochs: 1, journal })
    expect(await bench.blobs()).toBe(1)
    expect(receipt.signatures).toBe(signatures)
    expect(10n ** 12n - (await bench.wal())).toBe(receipt.costFrost)
    return receipt
  }

  it.each([
    ['no-sui', 'chain/insufficient-gas'],
    ['no-wal', 'chain/insufficient-wal'],
  ] as const)('says what the wallet lacks (%s), asks for no signature, and resumes', async (kind, code) => {
    const quilt = await freshQuilt()
    const journal = memoryJournal()
    bench.faults.set('wallet', { kind })
    await expect(bench.engine().upload({ quilt, epochs: 1, journal })).rejects.toMatchObject({ code })
    expect((await journal.load())?.signatures).toBe(0)
    await resumes(quilt, journal)
  })

  it('says that gas ran out on chain, counts what was spent, and resumes', async () => {
    const quilt = await freshQuilt()
    const journal = memoryJournal()
    const sui = await bench.sui$()
    bench.faults.set('wallet', { kind: 'out-of-gas' })
    await expect(bench.engine().upload({ quilt, epochs: 1, journal })).rejects.toMatchObject({ code: 'chain/insufficient-gas' })
    const receipt = await resumes(quilt, journal, (await journal.load())!.signatures + 2)
    expect(sui - (await bench.sui$())).toBe(receipt.gasMist + 500n)
  })

  it('says that the wallet refused, and resumes', async () => {
    const quilt = await freshQuilt()
    const journal = memoryJournal()
    const signer = {
      toSuiAddress: () => bench.address,
      signTransaction: () => Promise.reject(new Error('User rejected the request')),
    } as unknown as Signer
    await expect(bench.engine({ signer }).upload({ quilt, epochs: 1, journal })).rejects.toMatchObject({ code: 'chain/signature-refused' })
    await resumes(quilt, journal)
  })

  it('says when the wallet refused to certify, and does not register again', async () => {
    const quilt = await freshQuilt()
    const journal = memoryJournal()
    let asked = 0
    const signer = {
      toSuiAddress: () => bench.address,
      signTransaction: (bytes: Uint8Array) => (++asked === 1 ? bench.signer.signTransaction(bytes) : Promise.reject(new Error('no'))),
    } as unknown as Signer
    await expect(bench.engine({ signer }).upload({ quilt, epochs: 1, journal })).rejects.toMatchObject({ code: 'chain/signature-refused' })
    expect(await journal.load()).toMatchObject({ step: 'uploaded', signatures: 1 })
    await resumes(quilt, journal)
  })

  it.each(['after-register', 'after-upload'] as const)(
    'gets a new certificate when the epoch ends %s, with two signatures',
    async (kind) => {
      bench.faults.set('epoch', { kind }, { times: 1 })
      await resumes(await freshQuilt())
    },
  )

  it('names the epoch change that comes while the wallet signs, and resumes', async () => {
    const quilt = await freshQuilt()
    const journal = memoryJournal()
    let asked = 0
    const signer = {
      toSuiAddress: () => bench.address,
      signTransaction: async (bytes: Uint8Array) => {
        if (++asked === 2) bench.walrus.advanceEpoch()
        return bench.signer.signTransaction(bytes)
      },
    } as unknown as Signer
    await expect(bench.engine({ signer }).upload({ quilt, epochs: 2, journal })).rejects.toMatchObject({ code: 'walrus/epoch-changed' })
    const receipt = await bench.engine().upload({ quilt, epochs: 2, journal })
    expect(receipt.signatures).toBe(3)
    expect(await bench.blobs()).toBe(1)
  })

  it.each([{ kind: 'down' }, { kind: 'status', status: 503 }, { kind: 'status', status: 429 }, { kind: 'hang' }] as const)(
    'names the relay that does not answer ($kind $status), and resumes',
    async (fault) => {
      const quilt = await freshQuilt()
      const journal = memoryJournal()
      bench.faults.set('relay', fault)
      const upload = bench.engine({ timeouts: { uploadMs: 150, requestMs: 150 } }).upload({ quilt, epochs: 1, journal })
      await expect(upload).rejects.toMatchObject({ code: 'walrus/unavailable', details: { source: bench.walrus.urls.relay } })
      await resumes(quilt, journal)
    },
  )

  it('tries a relay again that fails twice after registration', async () => {
    const quilt = await freshQuilt()
    let failures = 0
    const fetch: typeof globalThis.fetch = async (input, init) =>
      init?.method === 'POST' && failures++ < 2 ? new Response('busy', { status: 503 }) : bench.walrus.fetch(input, init)
    const receipt = await bench.engine({ network: { fetch } }).upload({ quilt, epochs: 1, journal: memoryJournal() })
    expect(receipt.signatures).toBe(2)
    expect(failures).toBe(3)
  })

  it('goes to the storage nodes when the relay refuses what is already paid for', async () => {
    const quilt = await freshQuilt()
    const fetch: typeof globalThis.fetch = async (input, init) =>
      init?.method === 'POST' ? new Response('the tip is too old', { status: 400 }) : bench.walrus.fetch(input, init)
    const receipt = await bench.engine({ network: { fetch } }).upload({ quilt, epochs: 1, journal: memoryJournal() })
    expect(receipt.signatures).toBe(2)
    expect(await bench.engine().readBlob({ blobId: receipt.blobId })).toEqual(quilt)
  })

  it('finds a false certificate out before the wallet is asked, names the relay, and resumes', async () => {
    const quilt = await freshQuilt()
    const journal = memoryJournal()
    bench.faults.set('relay', { kind: 'bad-certificate' })
    await expect(bench.engine().upload({ quilt, epochs: 1, journal })).rejects.toMatchObject({
      code: 'walrus/inconsistent',
      details: { source: bench.walrus.urls.relay },
    })
    expect(await journal.load()).toMatchObject({ step: 'registered', signatures: 1 })
    await resumes(quilt, journal)
  })

  it('refuses what costs more than the caller allows: storage and tip', async () => {
    const quilt = await freshQuilt()
    const journal = memoryJournal()
    const { totalFrost } = await bench.engine().quote({ sizesBytes: [120, 120], epochs: 1 })
    const refused = bench.engine().upload({ quilt, epochs: 1, journal, maxCostFrost: totalFrost - 1n })
    await expect(refused).rejects.toMatchObject({ code: 'walrus/cost-ceiling', details: { costFrost: String(totalFrost) } })
    await expect(bench.engine({ maxTipMist: 499 }).upload({ quilt, epochs: 1, journal })).rejects.toMatchObject({
      code: 'walrus/cost-ceiling',
    })
    expect(await bench.blobs()).toBe(0)
    await resumes(quilt, journal)
  })

  it.each([0, 54, 100, 1.5])('refuses %s epochs and names the limit', async (epochs) => {
    await expect(bench.engine().upload({ quilt: await freshQuilt(), epochs, journal: memoryJournal() })).rejects.toMatchObject({
      code: 'walrus/epochs-out-of-range',
      details: { limitEpochs: 53 },
    })
    await expect(bench.engine().quote({ sizesBytes: [1], epochs })).rejects.toMatchObject({ code: 'walrus/epochs-out-of-range' })
  })

  it('refuses a network configured with another number of shards', async () => {
    const engine = bench.engine({ network: { nShards: 1000 } })
    await expect(engine.upload({ quilt: await freshQuilt(), epochs: 1, journal: memoryJournal() })).rejects.toMatchObject({
      code: 'chain/wrong-network',
    })
  })

  it('says when the full node does not answer, and resumes', async () => {
    const quilt = await freshQuilt()
    const journal = memoryJournal()
    bench.faults.set('full-node', { kind: 'down' })
    await expect(bench.engine().upload({ quilt, epochs: 1, journal })).rejects.toMatchObject({ code: 'chain/unreachable' })
    await resumes(quilt, journal)
  })

  it('pays once while the full node lags behind what it executed', async () => {
    const quilt = await freshQuilt()
    const journal = memoryJournal()
    bench.faults.set('full-node', { kind: 'stale', transactions: 1 })
    const upload = bench.engine({ attempts: 1 }).upload({ quilt, epochs: 1, journal })
    // The blob object it registered cannot be seen yet: an open question, not a lost one.
    await expect(upload).rejects.toMatchObject({ code: 'chain/not-found' })
    expect((await journal.load())?.register).toBeDefined()
    await resumes(quilt, journal)
  })

  it('names the publisher that stores something else', async () => {
    bench.faults.set('publisher', { kind: 'wrong-blob' })
    const upload = bench.engine({ via: 'publisher' }).upload({ quilt: await freshQuilt(), epochs: 1, journal: memoryJournal() })
    await expect(upload).rejects.toMatchObject({ code: 'walrus/inconsistent', details: { source: bench.walrus.urls.publisher } })
  })

  it('rejects with the reason of an abort, and resumes', async () => {
    const quilt = await freshQuilt()
    const journal = memoryJournal()
    const controller = new AbortController()
    const reason = new Error('the person went away')
    const onProgress = ({ step }: { step: string }) => step === 'registered' && controller.abort(reason)
    await expect(bench.engine().upload({ quilt, epochs: 1, journal, signal: controller.signal, onProgress })).rejects.toBe(reason)
    await resumes(quilt, journal)
  })

  it('does not start at all under an aborted signal', async () => {
    const journal = memoryJournal()
    const signal = AbortSignal.abort(new Error('no'))
    await expect(bench.engine().upload({ quilt: await freshQuilt(), epochs: 1, journal, signal })).rejects.toThrow('no')
    expect(journal.saved()).toHaveLength(0)
  })
})
