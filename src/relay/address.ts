import { expand } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, utf8, type Bytes } from '../core/bytes.ts'
import { LocketError } from '../core/errors.ts'
import type { Mailbox } from './port.ts'

/**
 * What a client shows one relay to use a mailbox there: HKDF-Expand with SHA-256
 * (RFC 5869 section 2.3) of the mailbox under the relay's name. Worthless at any other relay.
 *
 * @param scope - The relay's name, equal at both ends.
 * @returns 32 bytes.
 */
export function mailboxToken(mailbox: Mailbox, scope: string): Bytes {
  return expand(sha256, mailbox, concatBytes(utf8('locket/relay/v1\0'), utf8(scope)), 32)
}

/** Where the messages of a token's mailbox lie: its SHA-256, 32 bytes. It does not give access. */
export function tokenAddress(token: Uint8Array): Bytes {
  return sha256(token)
}

/** The address alone, for relays that ask for no token. */
export function mailboxAddress(mailbox: Mailbox, scope: string): Bytes {
  return tokenAddress(mailboxToken(mailbox, scope))
}

/**
 * The name of the relay behind a WebSocket address: host and path, so that `ws://` and `wss://` name the same.
 *
 * @throws {LocketError} `usage/invalid-argument` for anything else.
 */
export function scopeOfUrl(url: string): string {
  if (URL.canParse(url) && /^wss?:/.test(url)) {
    const { host, pathname } = new URL(url)
    return host + pathname
  }
  throw new LocketError('usage/invalid-argument', {
    operation: 'relay.scopeOfUrl',
    message: 'url is a ws:// or wss:// address',
    details: { parameter: 'url' },
  })
}
