import { isLocketError, LocketError } from '../core/errors.ts'
import type { UploadState } from './types.ts'

/** What an upload is of. A journal of another upload must not be mixed in. */
export type UploadIntent = { readonly blobId: string; readonly epochs: number; readonly deletable: boolean }

/** The state before anything was paid. */
export function firstState(intent: UploadIntent): UploadState {
  return { version: 1, ...intent, step: 'encoded', signatures: 0, costFrost: '0', gasMist: '0' }
}

/**
 * Accepts a state from a journal.
 *
 * @throws {LocketError} `codec/unknown-version`, or `usage/wrong-state` if it belongs to another quilt.
 */
export function resumedState(state: UploadState, intent: UploadIntent): UploadState {
  if (state.version !== 1) {
    throw new LocketError('codec/unknown-version', { operation: 'walrus.upload', details: { version: Number(state.version) } })
  }
  if (state.blobId !== intent.blobId) {
    throw new LocketError('usage/wrong-state', {
      operation: 'walrus.upload',
      message: 'the journal belongs to another quilt',
      details: { journal: state.blobId, quilt: intent.blobId },
    })
  }
  return state
}

/** A change to a state; `undefined` removes what is optional. */
export type StateChange = { readonly [K in keyof UploadState]?: UploadState[K] | undefined }

/** The state with the change, without keys that hold nothing: what a journal keeps reads back equal. */
export function changedState(state: UploadState, change: StateChange): UploadState {
  return Object.fromEntries(Object.entries({ ...state, ...change }).filter(([, value]) => value !== undefined)) as UploadState
}

/** Gas after a transaction that ran and failed. */
export function withFailedGas(state: UploadState, error: unknown): string {
  const spent = isLocketError(error) ? error.details['gasMist'] : undefined
  return String(BigInt(state.gasMist) + BigInt(typeof spent === 'string' ? spent : '0'))
}
