import { throwIfAborted } from '../core/abort.ts'
import { isLocketError, LocketError } from '../core/errors.ts'
import { abortable } from '../core/abortable.ts'
import { assertThreshold } from './assert-threshold.ts'
import { createSpaceChanges } from './change-spaces.ts'
import { createEngineContext } from './engine-context.ts'
import { createSpaceOpener } from './open-spaces.ts'
import type { SealEngine, SealEngineDeps } from './seal-engine.ts'

/**
 * Builds the Seal engine. Nothing is loaded or asked before the first call.
 *
 * @throws {LocketError} `usage/invalid-argument`; `seal/weak-threshold` for a key-server set that one server can
 *   open or that cannot lose one, unless `network.acceptRisk` names the risk.
 */
export function createSealEngine(deps: SealEngineDeps): SealEngine {
  const { sessionTtlMin = 10 } = deps
  if (!Number.isInteger(sessionTtlMin) || sessionTtlMin < 1 || sessionTtlMin > 30) {
    throw new LocketError('usage/invalid-argument', {
      operation: 'seal.createSealEngine',
      message: 'sessionTtlMin must be 1 to 30 minutes: key servers accept no other session',
      details: { parameter: 'sessionTtlMin' },
    })
  }
  assertThreshold(deps.network)
  const context = createEngineContext({ ...deps, sessionTtlMin })
  const { keyServers, sessions, time, ring } = context
  const { keysOf, keysOfAll } = createSpaceOpener(context)
  const changes = createSpaceChanges(context, keysOf)

  return Object.freeze<SealEngine>({
    ...changes,
    keysOf,
    keysOfAll,
    async listSpaces(options = {}) {
      const records = await abortable(context.reader.list(deps.signer.toSuiAddress(), options), options)
      for (const { state } of records) ring.seen(state.id, state.epoch)
      return records.map(({ state }) => state)
    },
    getSpace: async (spaceId, options) => (await context.read(spaceId, options)).state,
    async startSession(options = {}) {
      const onPrompt = () => options.onProgress?.({ step: 'session' })
      const session = await sessions.ensure({ signal: options.signal, explicit: true, onPrompt })
      // On this device's clock, so that the caller can compare it with its own.
      return { expiresAtMs: session.creationTimeMs + session.ttlMin * 60_000 + (time.skewMs() ?? 0) }
    },
    async checkKeyServers(options = {}) {
      await keyServers.proveAll({ signal: options.signal }).catch((error: unknown) => {
        throwIfAborted(options)
        if (!isLocketError(error, 'seal/server-misbehaved')) throw error
      })
      return keyServers.status()
    },
    keyServerStatus: () => keyServers.status(),
    async lock() {
      context.forgetKeys()
      await sessions.clear()
    },
  })
}
