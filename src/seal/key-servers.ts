import type { KeyServerConfig, SealClient } from '@mysten/seal'
import { type AbortOptions } from '../core/abort.ts'
import { copyBytes, toHex, type Bytes } from '../core/bytes.ts'
import type { Fetch } from '../core/capabilities.ts'
import { LocketError } from '../core/errors.ts'
import type { BlobStore } from '../store/port.ts'
import { abortable } from '../core/abortable.ts'
import { wrapChainError } from './chain-error.ts'
import { createKeyServerFetch, type KeyServerAnswer } from './key-server-fetch.ts'
import type { SealSdk } from './load-sdk.ts'
import { normalizeId } from './normalize-id.ts'
import type { ServerTime } from './server-time.ts'
import type { SealClientApi } from './signer.ts'
import type { KeyServerStatus, SealNetwork } from './types.ts'
import { verifyPossession } from './verify-possession.ts'

/** The client version our own requests to `/v1/service` claim; the wire format is that release's. */
const SDK_VERSION = '1.4.12'

/** One server as its on-chain object shows it. */
export type KnownKeyServer = { readonly objectId: string; readonly url: string; readonly publicKey: Bytes; readonly weight: number }

/** The key-server set of one engine, looked up, checked and pinned. */
export type KeyServers = {
  /** Servers and a client for decryption. A server caught misbehaving is left out while enough others remain. */
  open(): Promise<{ readonly client: SealClient; readonly servers: readonly KnownKeyServer[] }>
  /** A client for encryption: to the whole set or not at all. */
  openForEncryption(): Promise<SealClient>
  /** Asks every server for a sign of life, which also tells its time. Resolves as soon as the threshold has answered, or everybody has failed to. */
  askTime(): Promise<void>
  /** Asks every server for a proof of its key and waits for them all. */
  proveAll(options?: AbortOptions): Promise<void>
  /** Notes what was found out about a server elsewhere. */
  report(objectId: string, state: KeyServerStatus['state'], reason?: string): void
  status(): readonly KeyServerStatus[]
  /** Every answer from now on; returns a function that ends it. */
  listen(onAnswer: (answer: KeyServerAnswer) => void): () => void
  /** Drops the clients and with them every key they have cached. Pins and statuses stay. */
  close(): void
}

export type KeyServersDeps = {
  readonly sdk: () => Promise<SealSdk>
  readonly client: SealClientApi
  readonly network: SealNetwork
  readonly packageId: string
  readonly time: ServerTime
  readonly timeoutMs: number
  /** Where keys seen for the first time are pinned for later sessions. */
  readonly store?: BlobStore | undefined
}

/** Builds the set. Nothing is looked up before the first use. */
export function createKeyServers(deps: KeyServersDeps): KeyServers {
  const { network, time, store } = deps
  const { threshold } = network
  const configs: readonly KeyServerConfig[] = network.servers.map((server) => ({
    ...server,
    objectId: normalizeId(server.objectId, 'servers'),
  }))
  const isCommittee = new Set(configs.filter(({ aggregatorUrl }) => aggregatorUrl !== undefined).map(({ objectId }) => objectId))
  const statuses = new Map<string, { state: KeyServerStatus['state']; reason: string | undefined }>()
  const pins = new Map(
    Object.entries(network.pinnedPublicKeys ?? {}).map(([id, key]) => [normalizeId(id, 'pinnedPublicKeys'), key.toLowerCase()]),
  )
  const proved = new Set<string>()
  /** Servers whose key or proof is wrong, as opposed to those that once gave a wrong answer. */
  const untrusted = new Set<string>()
  const listeners = new Set<(answer: KeyServerAnswer) => void>()
  let known: readonly KnownKeyServer[] = []
  let opened: ReturnType<KeyServers['open']> | undefined

  const fetch: Fetch = createKeyServerFetch({
    fetch: (input, init) => (network.fetch ?? globalThis.fetch)(input, init),
    time,
    serverOf: (url) => known.find((server) => url.startsWith(`${server.url}/`))?.objectId,
    onAnswer: (answer) => {
      const { objectId, kind, reason } = answer
      if (kind === 'refused' || kind === 'down') report(objectId, kind, reason)
      else if (kind === 'granted' && statuses.get(objectId)?.state !== 'misbehaved') report(objectId, 'ok')
      for (const listener of listeners) listener(answer)
    },
  })

  function report(objectId: string, state: KeyServerStatus['state'], reason?: string): void {
    statuses.set(objectId, { state, reason })
  }

  function weightOf(ids: Iterable<string>): number {
    const set = new Set(ids)
    return configs.reduce((sum, { objectId, weight }) => (set.has(objectId) ? sum + weight : sum), 0)
  }

  function distrust(objectId: string, reason: string): void {
    untrusted.add(objectId)
    report(objectId, 'misbehaved', reason)
  }

  function misbehaved(message: string): LocketError {
    return new LocketError('seal/server-misbehaved', {
      operation: 'seal.keyServers',
      message,
      details: { servers: [...untrusted].map((id) => `${id}: ${statuses.get(id)?.reason ?? 'misbehaved'}`) },
    })
  }

  async function createClient(serverConfigs: readonly KeyServerConfig[]): Promise<SealClient> {
    const { SealClient } = await deps.sdk()
    return new SealClient({ suiClient: deps.client, serverConfigs: [...serverConfigs], fetch, timeout: deps.timeoutMs })
  }

  async function lookUp(client: SealClient): Promise<readonly KnownKeyServer[]> {
    try {
      const found = await client.getKeyServers()
      return configs.map(({ objectId, weight }) => {
        const server = found.get(objectId)
        if (!server) throw new Error(`key server ${objectId} has no object`)
        return { objectId, weight, url: server.url, publicKey: copyBytes(server.pk) }
      })
    } catch (error) {
      throw wrapChainError(error, 'seal.keyServers', 'chain/wrong-network')
    }
  }

  const pinKey = (objectId: string) => `seal/pin/${deps.packageId}/${objectId}`

  async function comparePins(): Promise<void> {
    for (const { objectId, publicKey } of known) {
      const stored = pins.has(objectId) ? undefined : await store?.get(pinKey(objectId)).catch(() => undefined)
      if (stored) pins.set(objectId, toHex(stored))
      const pinned = pins.get(objectId)
      if (pinned !== undefined && pinned !== toHex(publicKey)) distrust(objectId, 'another public key than the pinned one')
    }
  }

  async function pin(server: KnownKeyServer): Promise<void> {
    proved.add(server.objectId)
    report(server.objectId, 'ok')
    if (pins.has(server.objectId)) return
    pins.set(server.objectId, toHex(server.publicKey))
    await store?.put(pinKey(server.objectId), server.publicKey).catch(() => undefined)
  }

  /** Whether the server answered at all. */
  async function ask(server: KnownKeyServer, prove: boolean, options?: AbortOptions): Promise<boolean> {
    const config = configs.find(({ objectId }) => objectId === server.objectId)
    const headers: Record<string, string> = { 'client-sdk-type': 'typescript', 'client-sdk-version': SDK_VERSION }
    if (config?.apiKeyName && config.apiKey) headers[config.apiKeyName] = config.apiKey
    const signal = AbortSignal.any([AbortSignal.timeout(deps.timeoutMs), ...(options?.signal ? [options.signal] : [])])
    let response: Response
    try {
      response = await fetch(`${server.url}/v1/service?service_id=${server.objectId}`, { headers, signal })
    } catch {
      return false
    }
    if (!prove || !response.ok || untrusted.has(server.objectId)) return true
    // An aggregator speaks for a committee, which has no single master key to prove; the client skips it as well.
    const body = new Uint8Array(await response.arrayBuffer())
    if (isCommittee.has(server.objectId) || verifyPossession({ body, objectId: server.objectId, publicKey: server.publicKey }))
      await pin(server)
    else distrust(server.objectId, 'its proof of possession does not verify')
    return true
  }

  /**
   * Asks several servers and resolves once those that have answered weigh
   * `enough`, or all are done: one slow server holds up nobody. Its answer still
   * counts when it comes.
   */
  function askEnough(asked: readonly KnownKeyServer[], prove: boolean, enough: number): Promise<void> {
    return new Promise((resolve) => {
      let weight = 0
      let left = asked.length
      const settle = (answered: boolean, server: KnownKeyServer) => {
        if (answered) weight += server.weight
        if (--left === 0 || weight >= enough) resolve()
      }
      if (left === 0) resolve()
      for (const server of asked) {
        ask(server, prove).then(
          (answered) => settle(answered, server),
          () => settle(false, server),
        )
      }
    })
  }

  const needsProof = ({ objectId }: KnownKeyServer) => !proved.has(objectId) && !pins.has(objectId)

  async function open(): ReturnType<KeyServers['open']> {
    const client = await createClient(configs)
    known = await lookUp(client)
    untrusted.clear()
    await comparePins()
    await askEnough(known.filter(needsProof), true, threshold)
    if (untrusted.size === 0) return { client, servers: known }
    const left = configs.filter(({ objectId }) => !untrusted.has(objectId))
    if (weightOf(left.map(({ objectId }) => objectId)) < threshold) throw misbehaved('too few honest key servers are left')
    return { client: await createClient(left), servers: known.filter(({ objectId }) => !untrusted.has(objectId)) }
  }

  function openOnce(): ReturnType<KeyServers['open']> {
    const attempt = (opened ??= open().catch((error: unknown) => {
      opened = undefined
      throw error
    }))
    return attempt
  }

  return Object.freeze({
    open: openOnce,
    async openForEncryption() {
      const { client } = await openOnce()
      const missing = known.filter(needsProof)
      const total = weightOf(configs.map(({ objectId }) => objectId))
      // Until the unproved weigh less than the threshold and the proved at least as much.
      const enough = Math.max(threshold, total - threshold + 1) - (total - weightOf(missing.map(({ objectId }) => objectId)))
      if (enough > 0) await askEnough(missing, true, enough)
      if (untrusted.size > 0) throw misbehaved('a key server of the set does not verify; nothing is encrypted to it')
      const unproved = known.filter(needsProof).map(({ objectId }) => objectId)
      const unprovedWeight = weightOf(unproved)
      // Whoever planted the unproved keys must stay below the threshold, and the proved ones must reach it alone.
      if (unprovedWeight >= threshold || total - unprovedWeight < threshold) {
        throw new LocketError('seal/threshold', {
          operation: 'seal.encrypt',
          message: 'too few key servers proved that they hold their keys',
          details: { servers: unproved.map((id) => `${id}: ${statuses.get(id)?.reason ?? 'no answer'}`) },
        })
      }
      return client
    },
    async askTime() {
      await openOnce()
      await askEnough(known, false, threshold)
    },
    async proveAll(options?: AbortOptions) {
      await openOnce()
      await abortable(Promise.all(known.map((server) => ask(server, true, options))), options)
    },
    report,
    status: () =>
      configs.map(({ objectId }) => {
        const { state, reason } = statuses.get(objectId) ?? { state: 'unknown' as const, reason: undefined }
        return Object.freeze({ objectId, state, reason, skewMs: time.skewMs(objectId) })
      }),
    listen(onAnswer: (answer: KeyServerAnswer) => void) {
      listeners.add(onAnswer)
      return () => listeners.delete(onAnswer)
    },
    close() {
      opened = undefined
    },
  })
}
