import type { Transaction } from '@mysten/sui/transactions'
import type { AbortOptions } from '../core/abort.ts'
import { copyBytes, toHex, type Bytes } from '../core/bytes.ts'
import { LocketError } from '../core/errors.ts'
import { createMutex } from '../core/mutex.ts'
import { abortable } from '../core/abortable.ts'
import { wrapChainError } from './chain-error.ts'
import { execute, type Executed } from './execute.ts'
import { createIdentity } from './identity.ts'
import { createKeyRing, locked, type KeyRing } from './key-ring.ts'
import { createKeyServers, type KeyServers } from './key-servers.ts'
import { loadSealSdk, type SealSdk } from './load-sdk.ts'
import { normalizeId } from './normalize-id.ts'
import type { SealEngineDeps } from './seal-engine.ts'
import { createServerTime, type ServerTime } from './server-time.ts'
import { createSessions, type Sessions } from './sessions.ts'
import { createSpaceReader, type SpaceReader, type SpaceRecord } from './space-reader.ts'
import type { SealOptions } from './types.ts'

const DEFAULT_TTL_MIN = 10
const DEFAULT_TIMEOUT_MS = 10_000

/** What the parts of one engine share: the set, the session, the keys in memory, and how they are forgotten. */
export type EngineContext = {
  readonly deps: SealEngineDeps
  readonly packageId: string
  readonly keyServers: KeyServers
  readonly sessions: Sessions
  readonly time: ServerTime
  readonly ring: KeyRing
  readonly reader: SpaceReader
  readonly sdk: () => Promise<SealSdk>
  /** One Seal request at a time: it is CPU work anyway, and each answer then belongs to one request. */
  readonly queued: <T>(work: () => Promise<T>) => Promise<T>
  /** Reads a space and notes its epoch. */
  readonly read: (spaceId: string, options?: AbortOptions) => Promise<SpaceRecord>
  /** As `read`, for what only the owner may do: refused here, before anything is signed. */
  readonly readOwned: (spaceId: string, operation: string, options?: AbortOptions) => Promise<SpaceRecord>
  readonly transact: (operation: string, build: (tx: Transaction) => void, options?: AbortOptions) => Promise<Executed>
  /** Encrypts a data key to a fresh identity of a space's epoch: the one Seal encryption of that epoch. */
  readonly wrapDataKey: (spaceId: string, epoch: number, dataKey: Bytes, options: SealOptions) => Promise<Bytes>
  /** Forgets the keys of the account before, if the wallet has switched accounts. */
  readonly enterAccount: () => void
  /** Drops all keys and whatever is under way to get more. */
  readonly forgetKeys: () => void
  /** Remembers now; the result throws `usage/wrong-state` once keys have been forgotten since. */
  readonly guard: () => () => void
}

/** Builds what the parts share. Nothing is loaded or asked yet. */
export function createEngineContext(deps: SealEngineDeps): EngineContext {
  const { client, signer, network, clock, entropy, sessionStore: store } = deps
  const packageId = normalizeId(network.policyPackageId, 'policyPackageId')
  const time = createServerTime(clock)
  const ring = createKeyRing()
  const reader = createSpaceReader(client, packageId)
  let loading: Promise<SealSdk> | undefined
  const mutex = createMutex()
  let generation = 0
  let account: string | undefined

  /** A failed load is not remembered. */
  async function sdk(): Promise<SealSdk> {
    loading ??= (deps.loadSdk ?? loadSealSdk)().catch((error: unknown) => {
      loading = undefined
      throw error
    })
    return loading
  }

  const timeoutMs = deps.timeoutMs ?? DEFAULT_TIMEOUT_MS
  const keyServers = createKeyServers({ sdk, client, network, packageId, time, timeoutMs, store })
  const sessions = createSessions({
    signer,
    packageId,
    ttlMin: deps.sessionTtlMin ?? DEFAULT_TTL_MIN,
    clock,
    entropy,
    time,
    store,
    refreshTime: () => keyServers.askTime(),
    async verify(message, signature, address) {
      const { verifyPersonalMessageSignature } = await sdk()
      return verifyPersonalMessageSignature(message, signature, { address, client }).then(
        () => true,
        () => false,
      )
    },
  })

  async function read(spaceId: string, options?: AbortOptions): Promise<SpaceRecord> {
    const record = await abortable(reader.read(normalizeId(spaceId, 'spaceId'), options), options)
    ring.seen(record.state.id, record.state.epoch)
    return record
  }

  function forgetKeys(): void {
    generation++
    ring.clear()
    keyServers.close()
  }

  return Object.freeze<EngineContext>({
    deps,
    packageId,
    keyServers,
    sessions,
    time,
    ring,
    reader,
    sdk,
    queued: (work) => mutex.run(work),
    read,
    async readOwned(spaceId, operation, options) {
      const record = await read(spaceId, options)
      if (record.state.owner === signer.toSuiAddress()) return record
      throw new LocketError('seal/no-access', {
        operation,
        message: `only the owner of space ${record.state.id} may do this`,
        details: { spaceId: record.state.id },
      })
    },
    async transact(operation, build, options) {
      const tx = new (await sdk()).Transaction()
      build(tx)
      return execute({ client, signer, packageId }, operation, tx, options)
    },
    async wrapDataKey(spaceId, epoch, dataKey, options) {
      options.onProgress?.({ step: 'encrypt-key', spaceId })
      const seal = await keyServers.openForEncryption()
      const id = toHex(createIdentity({ spaceId, epoch, entropy }))
      try {
        // The key that comes back with it opens it too: it is dropped here.
        const { encryptedObject } = await seal.encrypt({ threshold: network.threshold, packageId, id, data: dataKey })
        return copyBytes(encryptedObject)
      } catch (error) {
        throw encryptError(error, packageId)
      }
    },
    enterAccount() {
      const address = signer.toSuiAddress()
      if (account !== undefined && account !== address) forgetKeys()
      account = address
    },
    forgetKeys,
    guard() {
      const started = generation
      return () => {
        if (started !== generation) throw locked()
      }
    },
  })
}

/** The SDK's own message is all that tells an upgraded package from other failures. */
function encryptError(error: unknown, packageId: string): LocketError {
  if (!(error instanceof Error && /first version/.test(error.message))) {
    return wrapChainError(error, 'seal.encrypt', 'chain/wrong-network')
  }
  return new LocketError('seal/wrong-package', {
    operation: 'seal.encrypt',
    message: `package ${packageId} is not the first version of its lineage`,
    details: { packageId },
    cause: error,
  })
}
