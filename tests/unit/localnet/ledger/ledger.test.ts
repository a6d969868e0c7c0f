import { bcs } from '@mysten/sui/bcs'
import { Transaction } from '@mysten/sui/transactions'
import { describe, expect, it } from 'vitest'
import { createLedger } from '../../../../src/localnet/ledger/create-ledger.ts'
import { createLedgerClock } from '../../../../src/localnet/ledger/ledger-clock.ts'
import { createOverlay } from '../../../../src/localnet/ledger/overlay.ts'
import { LocalCoreClient } from '../../../../src/localnet/core-client.ts'
import { COUNTER, Counter, createdOf, SUI, TOY, toyWorld } from '../../../helpers/localnet/toy-world.ts'

async function kindBytes(tx: Transaction, client: LocalCoreClient) {
  return tx.build({ client, onlyTransactionKind: true })
}

describe('a dry run', () => {
  it('says whether commands would pass, with the code of an abort, and keeps nothing', async () => {
    const { ledger, client, alice } = toyWorld()
    const passes = new Transaction()
    passes.moveCall({ target: `${TOY}::toy::create_shared` })
    const before = [...ledger.view().objects()].length
    expect(ledger.dryRun({ sender: alice.toSuiAddress(), kindBytes: await kindBytes(passes, client) })).toEqual({ ok: true, events: [] })
    const aborts = new Transaction()
    aborts.moveCall({ target: `${TOY}::toy::refuse`, arguments: [aborts.pure.u64(77)] })
    expect(ledger.dryRun({ sender: alice.toSuiAddress(), kindBytes: await kindBytes(aborts, client) })).toMatchObject({
      ok: false,
      abort: { module: 'toy', function: 'refuse', code: 77n },
    })
    expect([...ledger.view().objects()]).toHaveLength(before)
  })

  it('uses the latest state, whatever version the commands name, but only of what the sender may use', async () => {
    const { ledger, client, run, alice, bob } = toyWorld()
    const create = new Transaction()
    create.transferObjects([create.moveCall({ target: `${TOY}::toy::create` })], alice.toSuiAddress())
    const counter = createdOf(await run(create), '::toy::Counter')
    const read = new Transaction()
    read.moveCall({ target: `${TOY}::toy::count`, arguments: [read.object(counter)] })
    const old = await kindBytes(read, client)
    const change = new Transaction()
    change.moveCall({ target: `${TOY}::toy::increment`, arguments: [change.object(counter)] })
    await run(change)
    expect(ledger.dryRun({ sender: alice.toSuiAddress(), kindBytes: old }).ok).toBe(true)
    const foreign = ledger.dryRun({ sender: bob.toSuiAddress(), kindBytes: old })
    expect(foreign).toMatchObject({ ok: false })
    expect(foreign).not.toHaveProperty('abort.code')
  })

  it('says no to bytes that are no commands', () => {
    const { ledger } = toyWorld()
    expect(ledger.dryRun({ sender: '0x1', kindBytes: new Uint8Array([9, 9, 9]) }).ok).toBe(false)
  })
})

describe('createLedger', () => {
  it('brings its whole state back from a snapshot', async () => {
    const { ledger, client, run, alice } = toyWorld()
    const tx = new Transaction()
    tx.moveCall({ target: `${TOY}::toy::create_shared` })
    const done = await run(tx)
    ledger.advance(5_000)
    ledger.advanceEpoch()
    const snapshot = structuredClone(ledger.snapshot())
    const other = toyWorld()
    other.ledger.restore(snapshot)
    const there = (await other.client.getTransaction({ digest: done.digest, include: { effects: true } })).Transaction
    expect(there?.effects).toEqual((await client.getTransaction({ digest: done.digest, include: { effects: true } })).Transaction?.effects)
    expect(other.ledger.epoch()).toBe(11)
    expect(await other.balanceOf(alice.toSuiAddress())).toBe(10n * SUI - 3_000_000n)
    // Restored and original go separate ways.
    other.ledger.mint(alice.toSuiAddress(), '0x2::sui::SUI', 1n)
    expect([...ledger.view().objects()].length).toBe([...other.ledger.view().objects()].length - 1)
  })

  it('refuses a snapshot of another version', () => {
    const ledger = createLedger()
    const snapshot = { ...ledger.snapshot(), version: 2 } as unknown as ReturnType<typeof ledger.snapshot>
    expect(() => ledger.restore(snapshot)).toThrow(expect.objectContaining({ code: 'codec/unknown-version' }))
  })

  it('cannot publish without a Move machine', () => {
    expect(() => createLedger().publish('0x1', [])).toThrow(expect.objectContaining({ code: 'usage/unsupported' }))
  })

  it('shows the state some transactions ago', async () => {
    const { ledger, run } = toyWorld()
    const tx = new Transaction()
    tx.moveCall({ target: `${TOY}::toy::create_shared` })
    const counter = createdOf(await run(tx), '::toy::Counter')
    const change = new Transaction()
    change.moveCall({ target: `${TOY}::toy::increment`, arguments: [change.object(counter)] })
    await run(change)
    const countAt = (behind: number) => {
      const contents = ledger.view(behind).get(counter)?.contents
      return contents && Counter.parse(contents).count
    }
    expect([countAt(0), countAt(1), countAt(2), countAt(99)]).toEqual(['1', '0', undefined, undefined])
    expect(ledger.view(1).transactions()).toHaveLength(1)
    expect([...ledger.view(2).objects()].some(({ type }) => type === COUNTER)).toBe(false)
  })

  it('gives fresh ids that repeat from one ledger to the next, and a different chain a different name', () => {
    const a = createLedger()
    const b = createLedger()
    const ids = [a.freshId(), a.freshId()]
    expect(new Set(ids).size).toBe(2)
    expect([b.freshId(), b.freshId()]).toEqual(ids)
    expect(createLedger({ name: 'other' }).chainIdentifier).not.toBe(a.chainIdentifier)
  })

  it('receives an object that was sent to an object', async () => {
    const { ledger, run, alice } = toyWorld()
    const id = ledger.freshId()
    const parent = ledger.freshId()
    ledger.place({
      id,
      type: COUNTER,
      contents: Counter.serialize({ id, count: 4 }).toBytes(),
      owner: { kind: 'address', address: parent },
    })
    ledger.registerTwin({
      packageId: TOY,
      module: 'toy',
      function: 'claim',
      parameters: [{ reference: null, body: `0x2::transfer::Receiving<${COUNTER}>` }],
      run(context, [ticket]) {
        const { child } = bcs.struct('Receiving', { child: bcs.Address, version: bcs.u64() }).parse(ticket?.bcs as Uint8Array)
        const object = context.get(child)
        if (object === undefined) throw new Error('nothing to receive')
        context.write({ ...object, owner: { kind: 'address', address: context.sender } })
        return []
      },
    })
    const tx = new Transaction()
    const { object } = await new LocalCoreClient(ledger).getObject({ objectId: id })
    const reference = { objectId: id, version: object.version, digest: object.digest }
    tx.moveCall({ target: `${TOY}::toy::claim`, arguments: [tx.receivingRef(reference)] })
    expect((await run(tx)).status.success).toBe(true)
    expect(ledger.get(id)?.owner).toEqual({ kind: 'address', address: alice.toSuiAddress() })
  })

  it('passes vectors of objects and of plain values', async () => {
    const { ledger, run, runUnchecked, alice } = toyWorld()
    const lengths: number[][] = []
    ledger.registerTwin({
      packageId: TOY,
      module: 'toy',
      function: 'swallow',
      parameters: [
        { reference: null, body: `vector<${COUNTER}>` },
        { reference: null, body: 'vector<u64>' },
      ],
      run(_context, [counters, numbers]) {
        lengths.push([
          bcs.vector(Counter).parse(counters?.bcs as Uint8Array).length,
          bcs.vector(bcs.u64()).parse(numbers?.bcs as Uint8Array).length,
        ])
        return []
      },
    })
    const tx = new Transaction()
    const made = [0, 1].map(() => tx.moveCall({ target: `${TOY}::toy::create` }))
    const counters = tx.makeMoveVec({ elements: made })
    const numbers = tx.makeMoveVec({ type: 'u64', elements: [tx.pure.u64(1), tx.pure.u64(2), tx.pure.u64(3)] })
    tx.moveCall({ target: `${TOY}::toy::swallow`, arguments: [counters, numbers] })
    const done = await run(tx)
    expect(done.status.success).toBe(true)
    expect(lengths.at(-1)).toEqual([2, 3])
    expect([...ledger.view().objects()].some(({ type }) => type === COUNTER)).toBe(false)
    const mixed = new Transaction()
    const [coin] = mixed.splitCoins(mixed.gas, [1])
    mixed.makeMoveVec({ type: COUNTER, elements: [coin] })
    expect((await runUnchecked(mixed, alice)).status.error).toMatchObject({ CommandArgumentError: { name: 'TypeMismatch' } })
  })
})

describe('an overlay', () => {
  it('keeps what is not placed apart from what is', () => {
    const overlay = createOverlay({ base: () => undefined, sender: '0x1', digest: new Uint8Array(32), epoch: 1, timestampMs: 0 })
    const id = overlay.context.freshId()
    overlay.context.write({ id, type: COUNTER, contents: new Uint8Array(40) })
    expect(overlay.ownerOf(id)).toBeUndefined()
    // Handing back the owner it was told keeps an object unplaced.
    const held = overlay.context.get(id)
    overlay.context.write({ id, type: COUNTER, contents: new Uint8Array(40), owner: held?.owner })
    expect(overlay.ownerOf(id)).toBeUndefined()
    overlay.place(id, { kind: 'immutable' })
    expect(overlay.ownerOf(id)).toEqual({ kind: 'immutable' })
    overlay.context.delete(id)
    expect(overlay.context.get(id)).toBeUndefined()
    expect(overlay.deleted.size).toBe(0)
  })
})

describe('createLedgerClock', () => {
  it('wakes sleepers when it is moved, and on abort', async () => {
    const never = {
      nowMs: () => 1_000,
      sleep: (_: number, o: { signal?: AbortSignal | undefined } = {}) =>
        new Promise<void>((_resolve, reject) => o.signal?.addEventListener('abort', () => reject(o.signal?.reason))),
    }
    const clock = createLedgerClock(never)
    let woken = 0
    const short = clock.sleep(500).then(() => woken++)
    const long = clock.sleep(5_000).then(() => woken++)
    clock.setOffsetMs(600)
    await short
    expect([clock.nowMs(), woken]).toEqual([1_600, 1])
    clock.setOffsetMs(6_000)
    await long
    const stop = new AbortController()
    const aborted = clock.sleep(10_000, { signal: stop.signal })
    stop.abort('stop')
    await expect(aborted).rejects.toBe('stop')
  })

  it('gives others their turn even in a sleep of nothing', async () => {
    const slept: number[] = []
    const base = { nowMs: () => 1_000, sleep: async (ms: number) => void slept.push(ms) }
    await createLedgerClock(base).sleep(0)
    expect(slept).toEqual([0])
  })
})
