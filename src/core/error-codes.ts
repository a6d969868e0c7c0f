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

export const ERROR_TABLE = {
  // -- usage: the caller's own mistake
  'usage/invalid-argument': {
    retry: 'never',
    meaning: 'an argument is not usable',
    remedy: 'Correct the argument named in details.parameter.',
  },
  'usage/closed': { retry: 'never', meaning: 'the object is closed', remedy: 'Open it again before calling.' },
  'usage/wrong-state': {
    retry: 'never',
    meaning: 'the call does not fit the present state',
    remedy: 'Call it in the order the documentation gives.',
  },
  'usage/unsupported': {
    retry: 'never',
    meaning: 'this platform lacks something the call needs',
    remedy: 'Use the alternative named in the message.',
  },
  'usage/missing-peer': {
    retry: 'never',
    meaning: 'an optional package is not installed',
    remedy: 'Install the package named in details.package.',
  },

  // -- codec: bytes that cannot be what they claim
  'codec/invalid': {
    retry: 'never',
    meaning: 'the bytes are not well formed',
    remedy: 'Discard them; fetch or import the original again.',
  },
  'codec/truncated': { retry: 'never', meaning: 'the bytes end too early', remedy: 'Fetch or import the whole original again.' },
  'codec/trailing-bytes': {
    retry: 'never',
    meaning: 'bytes follow the end of the value',
    remedy: 'Discard them; fetch or import the original again.',
  },
  'codec/unknown-version': {
    retry: 'never',
    meaning: 'the format version is not known',
    remedy: 'Update @locket/sdk, then read it again.',
  },
  'codec/too-large': {
    retry: 'never',
    meaning: 'a length exceeds its limit',
    remedy: 'Split the value; the limit is in details.limitBytes.',
  },

  // -- crypto
  'crypto/open-failed': {
    retry: 'never',
    meaning: 'the ciphertext is not authentic under this key and context',
    remedy: 'Use the right key; if it is right, the data was altered: restore it from another copy.',
  },

  // -- store
  'store/quota': {
    retry: 'ask-user',
    meaning: 'the browser has no room for this write',
    remedy: 'Free details.neededBytes or allow persistent storage, then try again; nothing written before is lost.',
  },
  'store/blocked': {
    retry: 'ask-user',
    meaning: 'another tab holds an older version of the database open',
    remedy: 'Close the other tab or reload it.',
  },
  'store/closed': {
    retry: 'same',
    meaning: 'the database connection was closed from outside',
    remedy: 'Try again; the connection is opened anew.',
  },
  'store/unavailable': {
    retry: 'same',
    meaning: 'the storage cannot be opened or did not answer',
    remedy: 'Try again; if it persists, leave private browsing or allow site data.',
  },
  'store/aborted': { retry: 'same', meaning: 'the storage aborted the write', remedy: 'Try again; nothing of the write was kept.' },
  'store/corrupt': {
    retry: 'never',
    meaning: 'a stored record is damaged',
    remedy: 'The damaged record is set aside; restore() brings it back from the network.',
  },
  'store/locked': {
    retry: 'same',
    meaning: 'another writer that does not share holds this store',
    remedy: 'Close it, or wait; a tab of another version needs a reload.',
  },

  // -- unlock: what opens the local vault
  'unlock/refused': { retry: 'ask-user', meaning: 'the person declined to unlock', remedy: 'Ask again when the person is ready.' },
  'unlock/failed': {
    retry: 'ask-user',
    meaning: 'the passphrase, passkey or wallet does not open this vault',
    remedy: 'Try the one that was used to create it.',
  },
  'unlock/unavailable': {
    retry: 'never',
    meaning: 'this authenticator cannot derive a key',
    remedy: 'Use another unlock method: passphrase or wallet signature.',
  },

  // -- vector index, embedder, search
  'index/dimension-mismatch': {
    retry: 'never',
    meaning: 'a vector has the wrong number of dimensions',
    remedy: 'Use the embedder the index was created with.',
  },
  'index/model-mismatch': {
    retry: 'never',
    meaning: 'the index holds vectors of another model',
    remedy: 'Use the recorded model, or rebuild the index with the new one.',
  },
  'index/invalid-vector': {
    retry: 'never',
    meaning: 'a vector holds NaN or infinity, or is all zero',
    remedy: 'Fix the embedder; such vectors cannot be ranked.',
  },
  'index/corrupt': {
    retry: 'never',
    meaning: 'an index segment or manifest is damaged',
    remedy: 'The index is rebuilt from the stored memories; nothing is lost.',
  },
  'index/rolled-back': {
    retry: 'never',
    meaning: 'the index manifest is older than one already seen',
    remedy: 'The index is rebuilt from the stored memories; nothing is lost.',
  },
  'index/wasm-not-found': {
    retry: 'never',
    meaning: 'the index WASM cannot be used',
    remedy: "Pass this version's vector-index.wasm, and allow 'wasm-unsafe-eval' in the CSP.",
  },
  'index/full': { retry: 'never', meaning: 'the index cannot grow any further', remedy: 'Split the memories over several spaces.' },
  'embed/failed': { retry: 'same', meaning: 'the embedder failed', remedy: 'Try again; the text is stored and will be embedded later.' },

  // -- chain
  'chain/unreachable': { retry: 'same', meaning: 'the full node did not answer', remedy: 'Try again, or add another full node.' },
  'chain/not-found': {
    retry: 'same',
    meaning: 'the object or transaction is not known to the full node',
    remedy: 'Wait for indexing, then try again; check the network and id.',
  },
  'chain/rejected': { retry: 'never', meaning: 'the chain refused the transaction', remedy: 'Read details.reason; nothing was changed.' },
  'chain/stale-object': {
    retry: 'refresh',
    meaning: 'an object changed since it was read',
    remedy: 'Read it again and rebuild the transaction.',
  },
  'chain/insufficient-gas': {
    retry: 'ask-user',
    meaning: 'the wallet has too little SUI for gas',
    remedy: 'Add SUI to the wallet, then flush again.',
  },
  'chain/insufficient-wal': {
    retry: 'ask-user',
    meaning: 'the wallet has too little WAL for storage',
    remedy: 'Add WAL to the wallet, then flush again.',
  },
  'chain/wrong-network': {
    retry: 'never',
    meaning: 'the client, wallet or stored data belong to another network',
    remedy: 'Use one network for all three.',
  },
  'chain/insufficient-funds': {
    retry: 'ask-user',
    meaning: 'the account has too little of a coin',
    remedy: 'Add to the account, or pay less.',
  },
  'chain/wrong-account': {
    retry: 'never',
    meaning: 'the transaction is sent by another account',
    remedy: 'Sign only what the account itself sends.',
  },
  'chain/unexpected-effects': {
    retry: 'never',
    meaning: 'a simulation takes more from the account than was decoded',
    remedy: 'Do not sign it; details name the asset and both amounts.',
  },
  'chain/signature-refused': {
    retry: 'ask-user',
    meaning: 'the wallet declined to sign',
    remedy: 'Ask again; everything stays queued on this device.',
  },

  // -- seal
  'seal/no-access': { retry: 'never', meaning: 'the policy denies this wallet', remedy: 'Ask the owner of the space for access.' },
  'seal/threshold': { retry: 'same', meaning: 'too few key servers answered', remedy: 'Try again; details name what each server did.' },
  'seal/server-misbehaved': {
    retry: 'same',
    meaning: 'a key server sent a key or identity that does not verify',
    remedy: 'Remove the server named in details from the set.',
  },
  'seal/session-expired': {
    retry: 'refresh',
    meaning: 'the session key has expired',
    remedy: 'Start a new session; the wallet signs once.',
  },
  'seal/clock-skew': {
    retry: 'refresh',
    meaning: 'this device and the key servers disagree about the time',
    remedy: 'Set the device clock; the skew is in details.skewMs.',
  },
  'seal/weak-threshold': {
    retry: 'never',
    meaning: 'the key-server set is too weak or cannot lose a server',
    remedy: 'Use t of n with 2 <= t < n, or name the risk in the call.',
  },
  'seal/stale-epoch': {
    retry: 'refresh',
    meaning: 'the key epoch has moved on',
    remedy: 'Read the space again and use its current epoch.',
  },
  'seal/wrong-package': {
    retry: 'never',
    meaning: 'the policy package is not the one the space was made with',
    remedy: 'Pin the package id the space names.',
  },

  // -- walrus
  'walrus/epochs-out-of-range': {
    retry: 'never',
    meaning: 'the storage period is outside what Walrus sells',
    remedy: 'Ask for 1 to details.limitEpochs epochs and renew later.',
  },
  'walrus/too-large': {
    retry: 'never',
    meaning: 'the content does not fit one quilt or blob',
    remedy: 'Split it; the limit is in details.limitBytes.',
  },
  'walrus/unavailable': {
    retry: 'same',
    meaning: 'too few storage nodes, aggregators or relays answered',
    remedy: 'Try again; the upload resumes where it stopped.',
  },
  'walrus/not-found': {
    retry: 'same',
    meaning: 'nobody has this blob',
    remedy: 'Wait for propagation, then try again; check that it has not expired.',
  },
  'walrus/inconsistent': {
    retry: 'same',
    meaning: 'what was read is not what was written',
    remedy: 'Another source is tried; report the one in details.source.',
  },
  'walrus/expired': {
    retry: 'never',
    meaning: 'the storage period has ended',
    remedy: 'Write the content again; renew earlier next time.',
  },
  'walrus/epoch-changed': { retry: 'same', meaning: 'the committee changed during the upload', remedy: 'Try again; the upload resumes.' },
  'walrus/cost-ceiling': { retry: 'ask-user', meaning: 'the quote is above the ceiling', remedy: 'Raise maxCostFrost or send less.' },
  'walrus/not-deletable': {
    retry: 'never',
    meaning: 'the blob was stored as permanent',
    remedy: 'Wait for its last epoch; its keys are destroyed already.',
  },

  // -- memory
  'memory/invalid-item': {
    retry: 'never',
    meaning: 'the memory cannot be stored as given',
    remedy: 'Correct the field named in details.field.',
  },
  'memory/too-large': {
    retry: 'never',
    meaning: 'the memory is larger than the limit',
    remedy: 'Split it; the limit is in details.limitBytes.',
  },
  'memory/unknown-id': { retry: 'never', meaning: 'no memory has this id', remedy: 'List the memories; it may have been forgotten.' },
  'memory/forgotten': { retry: 'never', meaning: 'the memory was forgotten', remedy: 'It cannot be brought back: its key is destroyed.' },
  'memory/rollback': {
    retry: 'never',
    meaning: 'the network serves an older state than one already seen',
    remedy: 'Use another full node or aggregator; do not overwrite.',
  },
  'memory/conflict': {
    retry: 'refresh',
    meaning: 'another device moved the head of this space',
    remedy: 'Call restore(), then flush again; nothing is lost.',
  },
  'memory/bundle-invalid': {
    retry: 'never',
    meaning: 'the bundle is damaged, truncated or not one of ours',
    remedy: 'Export it again from the device that made it.',
  },

  // -- tabs
  'tabs/outcome-unknown': {
    retry: 'same',
    meaning: 'the tab that did the work ended before it answered',
    remedy: 'Call again: nothing is paid twice; before an update, look first.',
  },

  // -- mpc: threshold keys
  'mpc/wasm-not-found': {
    retry: 'never',
    meaning: 'the threshold core cannot be used',
    remedy: "Pass this version's mpc.wasm, and allow 'wasm-unsafe-eval' in the CSP.",
  },
  'mpc/bad-randomness': {
    retry: 'never',
    meaning: 'the source of randomness gave nothing, or the same twice',
    remedy: 'Stop using this device for keys; pass a working Entropy.',
  },
  'mpc/deadline': {
    retry: 'same',
    meaning: 'the ceremony did not end by its deadline',
    remedy: 'Start it again when every party is there; nothing was changed.',
  },
  'mpc/poisoned': {
    retry: 'same',
    meaning: 'the threshold core stopped on a fault and was discarded',
    remedy: 'Start the ceremony again; a new core is loaded. Report it if it repeats.',
  },
  'mpc/disagreement': {
    retry: 'same',
    meaning: 'the parties do not agree, or one sent what cannot be read; nothing secret was at risk',
    remedy: 'Start the ceremony again; if it repeats, leave out the party in details.party.',
  },
  'mpc/misbehaved': {
    retry: 'never',
    meaning: 'a party sent what an honest party cannot have sent',
    remedy: 'Start again without the party named in details.party.',
  },
  'mpc/banned': {
    retry: 'never',
    meaning: 'a party failed a check that may leak bits of the key; it is banned from this key',
    remedy: 'Reshare the key to a new epoch without the party in details.party.',
  },
  'mpc/unknown-key': { retry: 'never', meaning: 'no share of this key is here', remedy: 'Import its backup, or recover the share.' },
  'mpc/wrong-key': {
    retry: 'never',
    meaning: 'the share belongs to another key',
    remedy: 'Choose the file or key id that belong together; nothing was changed.',
  },
  'mpc/rolled-back': {
    retry: 'never',
    meaning: 'this share is older than what the peers or the anchor have seen',
    remedy: 'Do not sign with it: recover the share at the present epoch with the other parties.',
  },
  'mpc/unsettled': {
    retry: 'refresh',
    meaning: 'a change of epoch began and not everybody is known to have it',
    remedy: 'Call settleKey with the other parties, then try again.',
  },
  'mpc/presignature-used': {
    retry: 'refresh',
    meaning: 'the presignature is used up, or was made for something else',
    remedy: 'Sign without it, or presign again.',
  },
  'mpc/invalid-signature': {
    retry: 'same',
    meaning: 'the parties made a signature that does not verify; it was thrown away',
    remedy: 'Sign again; if it repeats, leave out one party at a time.',
  },
  'mpc/backup-invalid': {
    retry: 'never',
    meaning: 'the share backup is damaged, truncated or not one of ours',
    remedy: 'Use another copy of the file; nothing was changed.',
  },

  // -- policy
  'policy/invalid': {
    retry: 'never',
    meaning: 'the policy is not well formed',
    remedy: 'Correct the field that details.path names.',
  },
  'policy/unknown-reservation': {
    retry: 'never',
    meaning: 'the ledger has no such reservation',
    remedy: 'Reserve it again before committing it: it was released or never made.',
  },
  'policy/reservation-conflict': {
    retry: 'never',
    meaning: 'the reservation cannot be changed like that',
    remedy: 'Keep the ledger as it is; look at why one id stands for two things.',
  },

  // -- relay: what carries messages
  'relay/unreachable': {
    retry: 'same',
    meaning: 'the relay cannot be reached',
    remedy: 'Try again, or add a second relay of another kind.',
  },
  'relay/timeout': {
    retry: 'same',
    meaning: 'the relay did not answer in time',
    remedy: 'Send it again: the same body is the same message.',
  },
  'relay/closed': {
    retry: 'same',
    meaning: 'the connection to the relay broke before it answered',
    remedy: 'Send it again: the same body is the same message.',
  },
  'relay/refused': {
    retry: 'same',
    meaning: 'the relay refused, for its limits or for lack of access',
    remedy: 'Read details.reason; wait details.afterMs where it is given.',
  },
  'relay/oversize': {
    retry: 'never',
    meaning: 'the message is larger than the relay carries',
    remedy: 'Split it; the limit is in details.limitBytes.',
  },
  'relay/corrupt': {
    retry: 'same',
    meaning: 'the relay sent what its protocol does not allow',
    remedy: 'Try again; if it persists, use another relay.',
  },

  // -- session: several parties over relays nobody trusts. None of these convicts anybody by itself
  'session/invalid-setup': {
    retry: 'never',
    meaning: 'the setup of the session cannot be',
    remedy: 'Correct the field named in details.field.',
  },
  'session/setup-mismatch': {
    retry: 'never',
    meaning: 'another party means another setup',
    remedy: 'Agree on the field named in details.field, then open a session with a new ceremony id.',
  },
  'session/expired': {
    retry: 'refresh',
    meaning: 'the deadline of the session has passed',
    remedy: 'Propose the ceremony again with a new id and deadline; check the device clock.',
  },
  'session/timeout': {
    retry: 'refresh',
    meaning: 'not all parties were heard before the deadline',
    remedy: 'Bring the parties in details.waitingFor online, then open a session with a new ceremony id.',
  },
  'session/gone': {
    retry: 'refresh',
    meaning: 'another party left the session',
    remedy: 'Open a session with a new ceremony id; what the old one had begun is lost by rule.',
  },
  'session/spent': {
    retry: 'refresh',
    meaning: 'this device has begun this ceremony before',
    remedy: 'Fetch its result if details.state is finished; else use a new ceremony id.',
  },
  'session/disagreement': {
    retry: 'refresh',
    meaning: 'the parties have not seen the same',
    remedy: 'Use nothing of this session; open one with a new ceremony id, over another relay if it happens again.',
  },
  'session/equivocation': {
    retry: 'ask-user',
    meaning: 'a party said two different things in one round',
    remedy: 'Use nothing of this session; look at the evidence, then decide whether to go on with details.party.',
  },
  'session/malformed': {
    retry: 'refresh',
    meaning: 'a party sent what no correct party sends',
    remedy: 'Use one version of @locket/sdk on all devices, then open a session with a new ceremony id.',
  },
  'session/pairing-mismatch': {
    retry: 'ask-user',
    meaning: 'the two devices do not show the same code',
    remedy: 'Trust neither; pair again with a new invitation, given face to face.',
  },

  // -- worker
  'worker/failed': {
    retry: 'same',
    meaning: 'the worker stopped or could not be started',
    remedy: "Reload the page; check that the CSP allows worker-src 'self'.",
  },
} as const satisfies Record<string, Row>

/** Every code an error of this library can carry. */
export type ErrorCode = keyof typeof ERROR_TABLE
