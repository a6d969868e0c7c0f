import { concatBytes, utf8, type Bytes } from '../../core/bytes.ts'

/** What a hash, signature or key is for. No two of them may be taken for each other. */
export type Purpose =
  | 'card'
  | 'fingerprint'
  | 'setup'
  | 'session-id'
  | 'pair'
  | 'lane'
  | 'channel'
  | 'frame'
  | 'statement'
  | 'broadcast'
  | 'direct'
  | 'view'
  | 'notice'
  | 'result'
  | 'record'
  | 'invite'
  | 'commitment'
  | 'code'
  | 'epoch'

/** `parts` behind the purpose's own prefix. Parts of variable length come last, or carry their length. */
export function labelled(purpose: Purpose, ...parts: readonly Uint8Array[]): Bytes {
  return concatBytes(utf8(`locket/session/v1/${purpose}\0`), ...parts)
}
