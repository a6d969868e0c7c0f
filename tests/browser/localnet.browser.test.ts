import { NoAccessError } from '@mysten/seal'
import { WalrusFile } from '@mysten/walrus'
import { describe, expect, it } from 'vitest'
import { localnet } from '../../src/localnet/localnet.ts'
import { createSpace, identityOf, openBytes, sealBytes, walrusClient } from '../helpers/localnet/use-network.ts'

describe('localnet in a browser', () => {
  it('seals under the compiled policy, stores, reads back and opens, in one tab', async () => {
    await using net = await localnet()
    const spaceId = await createSpace(net)
    const sealed = await sealBytes(net, identityOf(spaceId), new TextEncoder().encode('in a tab'))
    const files = [WalrusFile.from({ contents: sealed, identifier: 'a' })]
    const [written] = await walrusClient(net).writeFiles({ files, epochs: 2, deletable: true, signer: net.signer })
    const answer = await net.fetch(`${net.walrus.aggregators[0]}/v1/blobs/by-quilt-patch-id/${written?.id}`)
    const read = new Uint8Array(await answer.arrayBuffer())
    expect(read).toEqual(sealed)
    expect(new TextDecoder().decode(await openBytes(net, spaceId, read))).toBe('in a tab')
    await expect(openBytes(net, spaceId, read, await net.createWallet())).rejects.toBeInstanceOf(NoAccessError)
  })

  it('comes back from a snapshot kept in IndexedDB', async () => {
    await using first = await localnet()
    const spaceId = await createSpace(first)
    const sealed = await sealBytes(first, identityOf(spaceId), new TextEncoder().encode('kept'))
    const snapshot = await throughIndexedDb(await first.snapshot())
    await using second = await localnet({ signer: first.signer, snapshot })
    expect(new TextDecoder().decode(await openBytes(second, spaceId, sealed))).toBe('kept')
  })
})

/** `value` as IndexedDB gives it back. */
function throughIndexedDb<T>(value: T): Promise<T> {
  return new Promise((resolve, reject) => {
    const open = indexedDB.open('localnet-snapshot-test', 1)
    open.onerror = () => reject(open.error)
    open.onupgradeneeded = () => open.result.createObjectStore('kept')
    open.onsuccess = () => {
      const store = open.result.transaction('kept', 'readwrite').objectStore('kept')
      store.put(value, 'snapshot')
      const get = store.get('snapshot')
      get.onerror = () => reject(get.error)
      get.onsuccess = () => {
        open.result.close()
        resolve(get.result as T)
      }
    }
  })
}
