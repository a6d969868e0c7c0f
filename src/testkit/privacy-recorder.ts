import { toBase64Url, toHex, utf8 } from '../core/bytes.ts'
import type { Fetch } from '../core/capabilities.ts'
import type { Relay } from '../relay/port.ts'
import type { BlobStore } from '../store/port.ts'

/** Something that crossed a port. */
export type Crossing = { readonly channel: string; readonly bytes: Uint8Array }

/** What must not be found outside: a text, bytes, or a vector. */
export type Canary = string | Uint8Array | Float32Array

/** Where a canary was found. The canary itself is named by its place in the list, never spelled. */
export type Leak = { readonly channel: string; readonly canary: number; readonly encoding: string; readonly offset: number }

/** Watches every port it is put in front of and searches what crossed. */
export type PrivacyRecorder = {
  readonly crossings: readonly Crossing[]
  /** Notes something that crossed by another way. Copies the bytes. */
  record(channel: string, bytes: Uint8Array | string): void
  /** A transport that notes url, headers and body before it sends them. */
  watchFetch(inner: Fetch): Fetch
  /** A store that notes keys and values before it writes them. */
  watchStore(inner: BlobStore, channel?: string): BlobStore
  /** A relay that notes bodies on their way in and out: a transcript of what it carried. */
  watchRelay(inner: Relay, channel?: string): Relay
  /** Every place where a canary is found, in any of the spellings a leak would take. */
  findPlaintext(canaries: readonly Canary[]): readonly Leak[]
  /** @throws {Error} naming channel and spelling of the first leaks, if there is one; also if nothing was recorded at all. */
  expectNoPlaintext(canaries: readonly Canary[]): void
}

/** Shorter canaries would be found by chance. */
const MIN_CANARY_BYTES = 6

/** A recorder of its own. */
export function createPrivacyRecorder(): PrivacyRecorder {
  const crossings: Crossing[] = []
  const recorder: PrivacyRecorder = {
    crossings,
    record: (channel, bytes) => void crossings.push({ channel, bytes: typeof bytes === 'string' ? utf8(bytes) : new Uint8Array(bytes) }),
    watchFetch: (inner) => async (input, init) => {
      const request = new Request(input, init)
      const channel = `fetch ${request.method} ${new URL(request.url).host}`
      recorder.record(channel, `${request.url}\n${[...request.headers].map(([name, value]) => `${name}: ${value}`).join('\n')}`)
      recorder.record(channel, new Uint8Array(await request.clone().arrayBuffer()))
      return inner(request)
    },
    watchStore: (inner, channel = 'store') => ({
      ...inner,
      put(key, value, options) {
        recorder.record(`${channel} ${key}`, key)
        recorder.record(`${channel} ${key}`, value)
        return inner.put(key, value, options)
      },
      batch(ops, options) {
        for (const op of ops) {
          recorder.record(`${channel} ${op.key}`, op.key)
          if (op.type === 'put') recorder.record(`${channel} ${op.key}`, op.value)
        }
        return inner.batch(ops, options)
      },
    }),
    watchRelay: (inner, channel = 'relay') => ({
      ...inner,
      send(mailbox, body, options) {
        recorder.record(`${channel} send`, body)
        return inner.send(mailbox, body, options)
      },
      async *receive(mailbox, options) {
        for await (const delivery of inner.receive(mailbox, options)) {
          recorder.record(`${channel} receive`, delivery.body)
          yield delivery
        }
      },
    }),
    findPlaintext(canaries) {
      const needles = canaries.flatMap((canary, index) => spellings(canary).map((needle) => ({ ...needle, index })))
      return crossings.flatMap(({ channel, bytes }) =>
        needles.flatMap(({ encoding, needle, index }) => {
          const offset = indexOf(bytes, needle)
          return offset === -1 ? [] : [{ channel, canary: index, encoding, offset }]
        }),
      )
    },
    expectNoPlaintext(canaries) {
      if (crossings.length === 0) throw new Error('the privacy recorder saw nothing: it is not connected')
      const leaks = recorder.findPlaintext(canaries)
      if (leaks.length === 0) return
      const shown = leaks.slice(0, 5).map(({ channel, canary, encoding }) => `canary ${canary} as ${encoding} in ${channel}`)
      throw new Error(`plaintext crossed a port: ${shown.join('; ')}${leaks.length > 5 ? `; and ${leaks.length - 5} more` : ''}`)
    },
  }
  return Object.freeze(recorder)
}

/** The ways a text, bytes or vector would look if they leaked. */
function spellings(canary: Canary): { readonly encoding: string; readonly needle: Uint8Array }[] {
  if (canary instanceof Float32Array) return vectorSpellings(canary)
  const raw = typeof canary === 'string' ? utf8(canary) : canary
  if (raw.length < MIN_CANARY_BYTES) throw new Error(`a canary needs at least ${MIN_CANARY_BYTES} bytes`)
  const out = [
    { encoding: 'bytes', needle: raw },
    { encoding: 'hex', needle: utf8(toHex(raw)) },
    { encoding: 'reversed', needle: raw.toReversed() },
    { encoding: 'percent', needle: utf8([...raw].map((byte) => `%${toHex(Uint8Array.of(byte)).toUpperCase()}`).join('')) },
  ]
  if (typeof canary === 'string') {
    out.push({ encoding: 'utf-16', needle: utf16(canary) }, { encoding: 'url', needle: utf8(encodeURIComponent(canary)) })
  }
  // Base64 spells a run of bytes in one of three ways, by where it begins; the edges depend on the neighbours and are cut.
  for (let skip = 0; skip < 3; skip++) {
    const body = raw.subarray((3 - skip) % 3)
    const whole = toBase64Url(body.subarray(0, body.length - (body.length % 3)))
    if (whole.length < MIN_CANARY_BYTES) continue
    out.push({ encoding: 'base64url', needle: utf8(whole) })
    out.push({ encoding: 'base64', needle: utf8(whole.replaceAll('-', '+').replaceAll('_', '/')) })
  }
  return out
}

/** A vector leaks as float32 or as the bytes it is quantised to; a run of either from its middle is enough. */
function vectorSpellings(vector: Float32Array): { readonly encoding: string; readonly needle: Uint8Array }[] {
  const largest = vector.reduce((max, value) => Math.max(max, Math.abs(value)), 0)
  const codes = Int8Array.from(vector, (value) => Math.round((value / largest) * 127))
  // The liveliest stretch: a run of zeros would be found anywhere.
  let best = 0
  let most = -1
  for (let start = 0; start + 24 <= codes.length; start++) {
    const alive = new Set(codes.subarray(start, start + 24)).size
    if (alive > most) [best, most] = [start, alive]
  }
  return [
    { encoding: 'float32', needle: new Uint8Array(new Float32Array(vector.slice(best, best + 24)).buffer) },
    { encoding: 'int8', needle: new Uint8Array(codes.slice(best, best + 24).buffer) },
  ]
}

function utf16(text: string): Uint8Array {
  const out = new Uint8Array(text.length * 2)
  const view = new DataView(out.buffer)
  for (let i = 0; i < text.length; i++) view.setUint16(i * 2, text.charCodeAt(i), true)
  return out
}

function indexOf(haystack: Uint8Array, needle: Uint8Array): number {
  const first = needle[0] as number
  for (let at = haystack.indexOf(first); at !== -1 && at + needle.length <= haystack.length; at = haystack.indexOf(first, at + 1)) {
    let i = 1
    while (i < needle.length && haystack[at + i] === needle[i]) i++
    if (i === needle.length) return at
  }
  return -1
}
