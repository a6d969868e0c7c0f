import type { Network } from '../../src/network.ts'
import type { LocketStorage } from '../../src/locket/storage.ts'
import type { InProcessLocalnet } from '../../src/localnet/localnet.ts'
import type { PrivacyRecorder } from '../../src/testkit/privacy-recorder.ts'

/** The network as an eavesdropper on every line sees it: key servers, storage, and the full node's calls. */
export function watchedNetwork(net: InProcessLocalnet, recorder: PrivacyRecorder): Network {
  net.requests.subscribe(({ method, url, headers, body }) => {
    recorder.record(`wire ${method} ${url}`, `${url}\n${headers.map((header) => header.join(': ')).join('\n')}`)
    recorder.record(`wire ${method} ${url}`, body)
  })
  const fetch = recorder.watchFetch(net.fetch)
  return {
    name: net.name,
    client: net.client,
    signer: net.signer,
    clock: net.clock,
    seal: { ...net.seal, fetch },
    walrus: { ...net.walrus, fetch },
  }
}

/** Storage whose every write an observer of the disk sees. */
export function watchedStorage(inner: LocketStorage, recorder: PrivacyRecorder): LocketStorage {
  return {
    ...inner,
    async open(options) {
      const opened = await inner.open(options)
      return { ...opened, vault: recorder.watchStore(opened.vault, 'vault'), cache: recorder.watchStore(opened.cache, 'cache') }
    },
  }
}
