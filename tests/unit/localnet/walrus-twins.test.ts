import { Transaction } from '@mysten/sui/transactions'
import { beforeEach, describe, expect, it } from 'vitest'
import { encodedBytes, geometryOf, unitsOf } from '../../../src/localnet/walrus/geometry.ts'
import { Coin, MetadataField, SystemField } from '../../../src/localnet/walrus/move-types.ts'
import { innerStateId } from '../../../src/localnet/walrus/system-state.ts'
import { openWalrusBench, type WalrusBench } from '../../helpers/localnet/walrus-bench.ts'
import { certificateFor, certifyBlob, moves, outcome, readBlobObject, registerBlob, send } from '../../helpers/localnet/walrus-moves.ts'

const UNITS = unitsOf(encodedBytes(geometryOf(100), 10n))

let bench: WalrusBench
beforeEach(async () => {
  bench = await openWalrusBench()
})

const walBalance = (): bigint => {
  let sum = 0n
  for (const object of bench.ledger.view().objects()) {
    if (object.type.endsWith('::wal::WAL>') && object.owner.kind === 'address' && object.owner.address === bench.address) {
      sum += BigInt(Coin.parse(object.contents).balance)
    }
  }
  return sum
}

const attempt = (build: (tx: Transaction, move: ReturnType<typeof moves>) => void): Promise<string> => {
  const tx = new Transaction()
  build(tx, moves(bench))
  return outcome(bench, tx)
}

const certify = async (id: string, change?: Parameters<typeof certificateFor>[2]): Promise<string> => {
  const certificate = certificateFor(bench, id, change)
  return attempt((tx, move) => void move.certify(tx, id, certificate))
}
const flip = (at: number) => (message: Uint8Array) => message.map((byte, i) => (i === at ? byte ^ 0x40 : byte))
const attributes = async (id: string) => {
  const { dynamicFields } = await bench.sui.listDynamicFields({ parentId: id })
  const field = bench.ledger.get(dynamicFields[0]?.fieldId as string)
  return MetadataField.parse(field?.contents as Uint8Array).value.metadata.contents
}

describe('reserve_space', () => {
  it('sells storage from this epoch on, for the price of each epoch', async () => {
    const before = walBalance()
    expect(await attempt((tx, move) => tx.transferObjects([move.reserve(tx, { epochs: 53 })], bench.address))).toBe('ok')
    expect(before - walBalance()).toBe(UNITS * 11_000n * 53n)
  })

  it.each([
    ['no epochs', { epochs: 0 }, 'system_state_inner 2'],
    ['more than 53 epochs', { epochs: 54 }, 'system_state_inner 2'],
    ['no size', { size: 0n }, 'system_state_inner 11'],
    ['more than the coin can pay for', { size: 10n ** 15n, epochs: 1 }, 'balance 2'],
  ])('refuses %s', async (_, options, expected) => {
    expect(await attempt((tx, move) => void move.reserve(tx, options))).toBe(expected)
  })

  it('refuses to sell more than the capacity', async () => {
    bench = await openWalrusBench({ capacityBytes: 1_500_000n })
    expect(await attempt((tx, move) => tx.transferObjects([move.reserve(tx, { size: 1_000_000n })], bench.address))).toBe('ok')
    expect(await attempt((tx, move) => void move.reserve(tx, { size: 1_000_000n }))).toBe('system_state_inner 1')
    bench.walrus.advanceEpoch()
    bench.walrus.advanceEpoch()
    expect(await attempt((tx, move) => tx.transferObjects([move.reserve(tx, { size: 1_000_000n })], bench.address))).toBe('ok')
  })

  it('takes nothing from a coin that is too small', async () => {
    const before = walBalance()
    const small = bench.walrus.mintWal(bench.address, 5n)
    expect(await attempt((tx, move) => void move.reserve(tx, { coin: tx.object(small) }))).toBe('balance 2')
    expect(walBalance() - before).toBe(5n)
  })
})

describe('register_blob', () => {
  it('makes a blob in the storage, for the price of writing', async () => {
    const before = walBalance()
    const id = await registerBlob(bench)
    expect(before - walBalance()).toBe(UNITS * (2n * 11_000n + 20_000n))
    expect(readBlobObject(bench, id)).toMatchObject({
      certified_epoch: null,
      deletable: true,
      encoding_type: 1,
      registered_epoch: bench.walrus.epoch(),
      size: '10',
      storage: { start_epoch: bench.walrus.epoch(), end_epoch: bench.walrus.epoch() + 2 },
    })
  })

  it.each([
    ['an id that is not of this root hash', { blobId: 5n }, 'blob 6'],
    ['another encoding', { encoding: 0 }, 'encoding 0'],
    ['a blob larger than its storage', { size: 100_000_000n }, 'blob 3'],
  ])('refuses %s', async (_, options, expected) => {
    expect(await attempt((tx, move) => void move.register(tx, move.reserve(tx), options))).toBe(expected)
  })

  it('refuses storage that has run out', async () => {
    const tx = new Transaction()
    tx.transferObjects([moves(bench).reserve(tx, { epochs: 1 })], bench.address)
    const storage = (await send(bench, tx)).created[0]?.id as string
    bench.walrus.advanceEpoch()
    expect(await attempt((next, move) => void move.register(next, next.object(storage)))).toBe('blob 2')
  })

  it('refuses a coin that is too small', async () => {
    const small = bench.walrus.mintWal(bench.address, 1n)
    expect(await attempt((tx, move) => void move.register(tx, move.reserve(tx), { coin: tx.object(small) }))).toBe('balance 2')
  })
})

describe('certify_blob', () => {
  it('accepts a certificate of a quorum, and notes the epoch', async () => {
    const id = await registerBlob(bench)
    expect(await certify(id, { signers: [0, 1, 2, 3, 4, 5, 6, 7, 8] })).toBe('ok')
    expect(readBlobObject(bench, id).certified_epoch).toBe(bench.walrus.epoch())
    expect(await certify(id)).toBe('blob 5')
  })

  it.each([
    ['too few signers', { signers: [0, 1, 2, 3, 4, 5, 6, 7] }, 'bls_aggregate 2'],
    ['an earlier epoch', { fields: { epoch: 9 } }, 'messages 1'],
    ['another kind of message', { fields: { intent_type: 2 } }, 'messages 2'],
    ['another application', { fields: { intent_app: 0 } }, 'messages 0'],
    ['another intent version', { fields: { intent_version: 1 } }, 'messages 3'],
    ['an unknown persistence', { bend: flip(39) }, 'messages 4'],
    ['a message cut short', { bend: (message: Uint8Array) => message.slice(0, 20) }, 'messages 2'],
    ['another blob', { fields: { blob_id: 5n } }, 'blob 6'],
    ['a permanent blob', { fields: { persistence: { Permanent: true as const } } }, 'blob 9'],
    ['another object', { fields: { persistence: { Deletable: { object_id: `0x${'5'.repeat(64)}` } } } }, 'blob 10'],
  ])('refuses a valid signature over %s', async (_, change, expected) => {
    expect(await certify(await registerBlob(bench), change)).toBe(expected)
  })

  it('refuses a certificate for a deletable blob on a permanent one', async () => {
    const id = await registerBlob(bench, { deletable: false })
    expect(await certify(id, { fields: { persistence: { Deletable: { object_id: id } } } })).toBe('blob 9')
    expect(await certify(id)).toBe('ok')
  })

  it('refuses signatures that do not verify', async () => {
    const id = await registerBlob(bench)
    const good = certificateFor(bench, id)
    const cases = {
      'flipped signature': { ...good, signature: flip(50)(good.signature) },
      'no signature': { ...good, signature: new Uint8Array() },
      'other message': { ...good, message: flip(10)(good.message) },
      'one signer too many': { ...certificateFor(bench, id, { signers: [0, 1, 2, 3, 4, 5, 6, 7, 8] }), bitmap: good.bitmap },
    }
    for (const certificate of Object.values(cases)) {
      expect(await attempt((tx, move) => void move.certify(tx, id, certificate))).toBe('bls_aggregate 1')
    }
  })

  it('refuses bitmaps that name nobody', async () => {
    const id = await registerBlob(bench)
    const good = certificateFor(bench, id)
    for (const bitmap of [Uint8Array.of(255, 31, 0), Uint8Array.of(255, 63)]) {
      expect(await attempt((tx, move) => void move.certify(tx, id, { ...good, bitmap }))).toBe('bls_aggregate 0')
    }
  })

  it('refuses a blob whose storage has run out', async () => {
    const id = await registerBlob(bench, { epochs: 1 })
    bench.walrus.advanceEpoch()
    expect(await certify(id)).toBe('blob 2')
  })
})

describe('delete_blob', () => {
  it('gives the storage back and removes the attributes', async () => {
    const id = await registerBlob(bench)
    await attempt((tx, move) => void move.putPair(tx, id, 'a', 'b'))
    const { storage } = readBlobObject(bench, id)
    expect(await attempt((tx, move) => tx.transferObjects([move.delete(tx, id)], bench.address))).toBe('ok')
    expect(bench.ledger.get(id)).toBeUndefined()
    expect(bench.ledger.get(storage.id)?.owner).toEqual({ kind: 'address', address: bench.address })
    const { dynamicFields } = await bench.sui.listDynamicFields({ parentId: id })
    expect(dynamicFields).toHaveLength(0)
  })

  it('refuses permanent blobs', async () => {
    const id = await registerBlob(bench, { deletable: false })
    expect(await attempt((tx, move) => tx.transferObjects([move.delete(tx, id)], bench.address))).toBe('blob 1')
  })

  it('refuses expired blobs', async () => {
    const id = await registerBlob(bench, { epochs: 1 })
    bench.walrus.advanceEpoch()
    expect(await attempt((tx, move) => tx.transferObjects([move.delete(tx, id)], bench.address))).toBe('blob 2')
  })
})

describe('extend_blob', () => {
  it('adds epochs for the price of storage', async () => {
    const id = await registerBlob(bench)
    await certifyBlob(bench, id)
    const before = walBalance()
    expect(await attempt((tx, move) => void move.extend(tx, id, 51))).toBe('ok')
    expect(before - walBalance()).toBe(UNITS * 11_000n * 51n)
    expect(readBlobObject(bench, id).storage.end_epoch).toBe(bench.walrus.epoch() + 53)
  })

  it('refuses blobs that are not certified', async () => {
    const id = await registerBlob(bench)
    expect(await attempt((tx, move) => void move.extend(tx, id, 1))).toBe('blob 0')
  })

  it('refuses expired blobs, no epochs, and too many', async () => {
    const id = await registerBlob(bench)
    await certifyBlob(bench, id)
    expect(await attempt((tx, move) => void move.extend(tx, id, 0))).toBe('system_state_inner 2')
    expect(await attempt((tx, move) => void move.extend(tx, id, 52))).toBe('system_state_inner 2')
    const small = bench.walrus.mintWal(bench.address, 1n)
    expect(await attempt((tx, move) => void move.extend(tx, id, 1, tx.object(small)))).toBe('balance 2')
    bench.walrus.advanceEpoch()
    bench.walrus.advanceEpoch()
    expect(await attempt((tx, move) => void move.extend(tx, id, 1))).toBe('blob 2')
  })
})

describe('attributes', () => {
  it('are kept in order of their last change', async () => {
    const id = await registerBlob(bench)
    const result = await attempt((tx, move) => {
      move.putPair(tx, id, 'a', '1')
      move.putPair(tx, id, 'b', '2')
      move.putPair(tx, id, 'a', '3')
    })
    expect(result).toBe('ok')
    expect(await attributes(id)).toEqual([
      { key: 'b', value: '2' },
      { key: 'a', value: '3' },
    ])
    expect(await attempt((tx, move) => void move.removePair(tx, id, 'b'))).toBe('ok')
    expect(await attributes(id)).toEqual([{ key: 'a', value: '3' }])
  })

  it('are added once, and removed only if present', async () => {
    const id = await registerBlob(bench)
    expect(await attempt((tx, move) => void move.removePair(tx, id, 'a'))).toBe('blob 8')
    expect(await attempt((tx, move) => void move.addMetadata(tx, id))).toBe('ok')
    expect(await attempt((tx, move) => void move.addMetadata(tx, id))).toBe('blob 7')
    expect(await attempt((tx, move) => void move.removePair(tx, id, 'a'))).toBe('vec_map 1')
  })
})

describe('the system object', () => {
  it('accounts for every epoch paid ahead', async () => {
    await registerBlob(bench, { epochs: 2 })
    const read = () => SystemField.parse(bench.ledger.get(innerStateId(bench.walrus.network.systemObjectId))?.contents as Uint8Array).value
    const { future_accounting: ring, used_capacity_size: used } = read()
    expect(ring.ring_buffer.slice(0, 3).map((account) => account.rewards_to_distribute.value)).toEqual([
      String(UNITS * 31_000n),
      String(UNITS * 11_000n),
      '0',
    ])
    expect(BigInt(used)).toBe(encodedBytes(geometryOf(100), 10n))
    bench.walrus.advanceEpoch()
    bench.walrus.advanceEpoch()
    expect(read().used_capacity_size).toBe('0')
    expect(
      read()
        .future_accounting.ring_buffer.map(({ epoch }) => epoch)
        .toSorted((a, b) => a - b)[0],
    ).toBe(bench.walrus.epoch())
  })

  it('does not stake', async () => {
    const coin = bench.walrus.mintWal(bench.address, 1n)
    const result = await attempt((tx) => {
      tx.moveCall({
        target: `${bench.walrus.packageId}::staking::stake_with_pool`,
        arguments: [tx.object(bench.walrus.network.stakingPoolId), tx.object(coin), tx.pure.id(bench.address)],
      })
    })
    expect(result).toBe('staking 1')
  })
})
