/**
 * The only list of error codes. Each has a meaning, a retry class and a remedy;
 * the documentation is generated from it and a test checks that every code is
 * produced somewhere and that none is produced without being listed.
 */

/**
 * `never`: the same input fails again. `same`: the identical call may succeed later.
 * `refresh`: renew something first (session, epoch, clock). `ask-user`: a person must act.
 */
export type RetryClass = 'never' | 'same' | 'refresh' | 'ask-user'

type Row = { readonly meaning: string; readonly retry: RetryClass; readonly remedy: string }

const row = (retry: RetryClass, meaning: string, remedy: string): Row => ({ meaning, retry, remedy })

export const ERROR_TABLE = {
  // -- usage: the caller's own mistake
  'usage/invalid-argument': row('never', 'an argument is not usable', 'Correct the argument named in details.parameter.'),
  'usage/closed': row('never', 'the object is closed', 'Open it again before calling.'),
  'usage/wrong-state': row('never', 'the call does not fit the present state', 'Call it in the order the documentation gives.'),
  'usage/unsupported': row('never', 'this platform lacks something the call needs', 'Use the alternative named in the message.'),
  'usage/missing-peer': row('never', 'an optional package is not installed', 'Install the package named in details.package.'),

  // -- codec: bytes that cannot be what they claim
  'codec/invalid': row('never', 'the bytes are not well formed', 'Discard them; fetch or import the original again.'),
  'codec/truncated': row('never', 'the bytes end too early', 'Fetch or import the whole original again.'),
  'codec/trailing-bytes': row('never', 'bytes follow the end of the value', 'Discard them; fetch or import the original again.'),
  'codec/unknown-version': row('never', 'the format version is not known', 'Update @locket/sdk, then read it again.'),
  'codec/too-large': row('never', 'a length exceeds its limit', 'Split the value; the limit is in details.limitBytes.'),

  // -- crypto
  'crypto/open-failed': row(
    'never',
    'the ciphertext is not authentic under this key and context',
    'Use the right key; if it is right, the data was altered: restore it from another copy.',
  ),

  // -- store
  'store/quota': row(
    'ask-user',
    'the browser has no room for this write',
    'Free space or allow persistent storage, then try again; nothing written before is lost.',
  ),
  'store/blocked': row('ask-user', 'another tab holds an older version of the database open', 'Close the other tab or reload it.'),
  'store/closed': row('same', 'the database connection was closed from outside', 'Try again; the connection is opened anew.'),
  'store/unavailable': row(
    'same',
    'the storage cannot be opened or did not answer',
    'Try again; if it persists, leave private browsing or allow site data.',
  ),
  'store/aborted': row('same', 'the storage aborted the write', 'Try again; nothing of the write was kept.'),
  'store/corrupt': row(
    'never',
    'a stored record is damaged',
    'The damaged record is set aside; restore() brings it back from the network.',
  ),
  'store/locked': row('same', 'another writer holds this store', 'Close the other tab or wait; readers may go on.'),
  'store/wiped': row('never', 'both local copies are gone', 'Call restore() to rebuild from the wallet.'),

  // -- unlock: what opens the local vault
  'unlock/refused': row('ask-user', 'the person declined to unlock', 'Ask again when the person is ready.'),
  'unlock/failed': row('ask-user', 'the passphrase, passkey or wallet does not open this vault', 'Try the one that was used to create it.'),
  'unlock/unavailable': row(
    'never',
    'this authenticator cannot derive a key',
    'Use another unlock method: passphrase or wallet signature.',
  ),

  // -- vector index, embedder, search
  'index/dimension-mismatch': row('never', 'a vector has the wrong number of dimensions', 'Use the embedder the index was created with.'),
  'index/model-mismatch': row(
    'never',
    'the index holds vectors of another model',
    'Use the recorded model, or rebuild the index with the new one.',
  ),
  'index/invalid-vector': row(
    'never',
    'a vector holds NaN or infinity, or is all zero',
    'Fix the embedder; such vectors cannot be ranked.',
  ),
  'index/corrupt': row(
    'never',
    'an index segment or manifest is damaged',
    'The index is rebuilt from the stored memories; nothing is lost.',
  ),
  'index/rolled-back': row(
    'never',
    'the index manifest is older than one already seen',
    'The index is rebuilt from the stored memories; nothing is lost.',
  ),
  'index/wasm-not-found': row(
    'never',
    'the index WASM cannot be used',
    "Pass this version's vector-index.wasm, and allow 'wasm-unsafe-eval' in the CSP.",
  ),
  'index/full': row('never', 'the index cannot grow any further', 'Split the memories over several spaces.'),
  'embed/failed': row('same', 'the embedder failed', 'Try again; the text is stored and will be embedded later.'),

  // -- chain
  'chain/unreachable': row('same', 'the full node did not answer', 'Try again, or add another full node.'),
  'chain/not-found': row(
    'same',
    'the object or transaction is not known to the full node',
    'Wait for indexing, then try again; check the network and id.',
  ),
  'chain/rejected': row('never', 'the chain refused the transaction', 'Read details.reason; nothing was changed.'),
  'chain/stale-object': row('refresh', 'an object changed since it was read', 'Read it again and rebuild the transaction.'),
  'chain/insufficient-gas': row('ask-user', 'the wallet has too little SUI for gas', 'Add SUI to the wallet, then flush again.'),
  'chain/insufficient-wal': row('ask-user', 'the wallet has too little WAL for storage', 'Add WAL to the wallet, then flush again.'),
  'chain/wrong-network': row('never', 'the client, wallet or stored data belong to another network', 'Use one network for all three.'),
  'chain/signature-refused': row('ask-user', 'the wallet declined to sign', 'Ask again; everything stays queued on this device.'),

  // -- seal
  'seal/no-access': row('never', 'the policy denies this wallet', 'Ask the owner of the space for access.'),
  'seal/threshold': row('same', 'too few key servers answered', 'Try again; details name what each server did.'),
  'seal/server-misbehaved': row(
    'same',
    'a key server sent a key or identity that does not verify',
    'Remove the server named in details from the set.',
  ),
  'seal/session-expired': row('refresh', 'the session key has expired', 'Start a new session; the wallet signs once.'),
  'seal/clock-skew': row(
    'refresh',
    'this device and the key servers disagree about the time',
    'Set the device clock; the skew is in details.skewMs.',
  ),
  'seal/weak-threshold': row(
    'never',
    'the key-server set is too weak or cannot lose a server',
    'Use t of n with 2 <= t < n, or name the risk in the call.',
  ),
  'seal/stale-epoch': row('refresh', 'the key epoch has moved on', 'Read the space again and use its current epoch.'),
  'seal/wrong-package': row('never', 'the policy package is not the one the space was made with', 'Pin the package id the space names.'),

  // -- walrus
  'walrus/epochs-out-of-range': row(
    'never',
    'the storage period is outside what Walrus sells',
    'Ask for 1 to details.limitEpochs epochs and renew later.',
  ),
  'walrus/too-large': row('never', 'the content does not fit one quilt or blob', 'Split it; the limit is in details.limitBytes.'),
  'walrus/unavailable': row(
    'same',
    'too few storage nodes, aggregators or relays answered',
    'Try again; the upload resumes where it stopped.',
  ),
  'walrus/not-found': row('same', 'nobody has this blob', 'Wait for propagation, then try again; check that it has not expired.'),
  'walrus/inconsistent': row('same', 'what was read is not what was written', 'Another source is tried; report the one in details.source.'),
  'walrus/expired': row('never', 'the storage period has ended', 'Write the content again; renew earlier next time.'),
  'walrus/epoch-changed': row('same', 'the committee changed during the upload', 'Try again; the upload resumes.'),
  'walrus/cost-ceiling': row('ask-user', 'the quote is above the ceiling', 'Raise maxCost or send less.'),
  'walrus/not-deletable': row('never', 'the blob was stored as permanent', 'Wait for its last epoch; its keys are destroyed already.'),

  // -- memory
  'memory/invalid-item': row('never', 'the memory cannot be stored as given', 'Correct the field named in details.field.'),
  'memory/too-large': row('never', 'the memory is larger than the limit', 'Split it; the limit is in details.limitBytes.'),
  'memory/unknown-id': row('never', 'no memory has this id', 'List the memories; it may have been forgotten.'),
  'memory/forgotten': row('never', 'the memory was forgotten', 'It cannot be brought back: its key is destroyed.'),
  'memory/rollback': row(
    'never',
    'the network serves an older state than one already seen',
    'Use another full node or aggregator; do not overwrite.',
  ),
  'memory/conflict': row('refresh', 'another device moved the head of this space', 'Call sync(), then flush again; nothing is lost.'),
  'memory/bundle-invalid': row(
    'never',
    'the bundle is damaged, truncated or not one of ours',
    'Export it again from the device that made it.',
  ),
  'memory/restore-incomplete': row('same', 'some memories could not be restored', 'Call restore() again; the report names each and why.'),

  // -- worker
  'worker/failed': row(
    'same',
    'the worker stopped or could not be started',
    "Reload the page; check that the CSP allows worker-src 'self'.",
  ),
} as const satisfies Record<string, Row>

/** Every code an error of this library can carry. */
export type ErrorCode = keyof typeof ERROR_TABLE
