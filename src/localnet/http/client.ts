import type { Signer } from '@mysten/sui/cryptography'
import { Ed25519Keypair } from '@mysten/sui/keypairs/ed25519'
import { systemClock, type Clock, type Fetch } from '../../core/capabilities.ts'
import { LocketError } from '../../core/errors.ts'
import type { Network } from '../../network.ts'
import type { FaultPlan, FaultTarget } from '../faults.ts'
import { createLedgerClock } from '../ledger/ledger-clock.ts'
import { decodeTaggedJson, encodeTaggedJson } from '../tagged-json.ts'
import type { FaucetAmounts, LocalnetSnapshot } from '../types.ts'
import { hostPath, type Control, type LocalnetDescription } from './protocol.ts'
import { RemoteCoreClient } from './remote-core-client.ts'

export type ConnectOptions = {
  /** The wallet. Default: a new one. Either way it gets 1000 SUI and 1000 WAL. */
  readonly signer?: Signer | undefined
  /** Defaults to `globalThis.fetch`. */
  readonly fetch?: Fetch | undefined
  /** Defaults to the platform's clock; the localnet's time is kept as a difference to it. */
  readonly clock?: Clock | undefined
}

/** A localnet that somebody else runs. */
export type ConnectedLocalnet = Network & {
  readonly client: RemoteCoreClient
  readonly clock: Clock
  readonly fetch: Fetch
  readonly walType: string
  faucet(address: string, amounts: FaucetAmounts): Promise<void>
  createWallet(amounts?: FaucetAmounts): Promise<Ed25519Keypair>
  /** Moves everybody's ledger time ahead. */
  advance(ms: number): Promise<void>
  advanceEpoch(epochs?: number): Promise<void>
  setFault<T extends FaultTarget>(target: T, fault: FaultPlan[T], options?: { readonly times?: number | undefined }): Promise<void>
  clearFaults(target?: FaultTarget): Promise<void>
  snapshot(): Promise<LocalnetSnapshot>
}

/**
 * Connects to what `npx locket-localnet` serves at `url`, from a browser or
 * from Node. The result is used like an in-process localnet: requests to its
 * hosts go to the server, which reaches them by path.
 *
 * @throws {LocketError} `chain/unreachable` if nothing answers there, `codec/unknown-version` if it is another version of the server.
 */
export async function connectLocalnet(url: string, options: ConnectOptions = {}): Promise<ConnectedLocalnet> {
  const base = url.replace(/\/+$/, '')
  const send = options.fetch ?? globalThis.fetch.bind(globalThis)
  const ask = async (path: string, body?: unknown, signal?: AbortSignal): Promise<unknown> => {
    const init = body === undefined ? {} : { method: 'POST', body: encodeTaggedJson(body), headers: { 'content-type': 'application/json' } }
    const answer = await send(`${base}${path}`, { ...init, ...(signal ? { signal } : {}) })
    const value = decodeTaggedJson(await answer.text())
    if (!answer.ok) throw value instanceof Error ? value : new TypeError(`the localnet answered ${answer.status}`)
    return value
  }
  const control = async (name: Control, body: object = {}): Promise<unknown> => ask(`/control/${name}`, body)

  const described = await describe(ask, base)
  const platform = options.clock ?? systemClock()
  const clock = createLedgerClock(platform, described.nowMs - platform.nowMs())
  const fetch = throughServer(base, send)
  const client = new RemoteCoreClient((method, parameters, signal) => ask(`/rpc/${method}`, parameters, signal))

  const faucet = async (address: string, amounts: FaucetAmounts) => void (await control('faucet', { address, amounts }))
  const createWallet = async (amounts: FaucetAmounts = { sui: 100, wal: 100 }) => {
    const wallet = Ed25519Keypair.generate()
    await faucet(wallet.toSuiAddress(), amounts)
    return wallet
  }
  const signer = options.signer ?? Ed25519Keypair.generate()
  await faucet(signer.toSuiAddress(), { sui: 1_000, wal: 1_000 })

  return Object.freeze<ConnectedLocalnet>({
    name: described.name,
    client,
    signer,
    seal: Object.freeze({ ...described.seal, fetch }),
    walrus: Object.freeze({ ...described.walrus, fetch }),
    walType: described.walType,
    clock,
    fetch,
    faucet,
    createWallet,
    async advance(ms) {
      await control('advance', { ms })
      clock.setOffsetMs(clock.offsetMs() + ms)
    },
    advanceEpoch: async (epochs = 1) => void (await control('advance-epoch', { epochs })),
    setFault: async (target, fault, { times } = {}) => void (await control('set-fault', { target, fault, times })),
    clearFaults: async (target) => void (await control('clear-faults', { target })),
    snapshot: async () => (await control('snapshot')) as LocalnetSnapshot,
  })
}

async function describe(ask: (path: string) => Promise<unknown>, base: string): Promise<LocalnetDescription> {
  let described: unknown
  try {
    described = await ask('/')
  } catch (cause) {
    throw new LocketError('chain/unreachable', { operation: 'localnet.connect', message: `no localnet answers at ${base}`, cause })
  }
  if (typeof described !== 'object' || described === null || !('protocolVersion' in described) || described.protocolVersion !== 1) {
    throw new LocketError('codec/unknown-version', { operation: 'localnet.connect', message: `${base} is no localnet of this version` })
  }
  return described as LocalnetDescription
}

/** A `fetch` that reaches the localnet's hosts by the server's paths. */
function throughServer(base: string, send: Fetch): Fetch {
  const { origin } = new URL(base)
  const rewrite = (target: URL) =>
    target.origin === origin ? target.href : `${base}${hostPath(target.host)}${target.pathname}${target.search}`
  return async (input, init) => {
    if (!(input instanceof Request)) return send(rewrite(new URL(input)), init)
    // Read first: browsers do not stream request bodies over HTTP/1.1.
    const request = new Request(input, init)
    const body = request.method === 'GET' || request.method === 'HEAD' ? null : await request.arrayBuffer()
    return send(rewrite(new URL(request.url)), { method: request.method, headers: request.headers, body, signal: request.signal })
  }
}
