/**
 * What the outside world gives Locket: time and randomness. Both come in as
 * arguments so that tests can steer them and nothing reads a global.
 */

/** Wall-clock time. `nowMs` is milliseconds since the Unix epoch. */
export type Clock = {
  nowMs(): number
  /** Resolves after `ms` milliseconds; rejects with the signal's reason when aborted. */
  sleep(ms: number, options?: { readonly signal?: AbortSignal | undefined }): Promise<void>
}

/** The only source of randomness. Fills the whole array with cryptographically strong bytes. */
export type Entropy = {
  fill(out: Uint8Array<ArrayBuffer>): void
}

/** The platform's clock. */
export function systemClock(): Clock {
  return Object.freeze({
    nowMs: () => Date.now(),
    sleep: (ms: number, options: { readonly signal?: AbortSignal | undefined } = {}) =>
      new Promise<void>((resolve, reject) => {
        const { signal } = options
        if (signal?.aborted) return reject(signal.reason)
        const onAbort = () => {
          clearTimeout(timer)
          reject(signal?.reason)
        }
        const timer = setTimeout(() => {
          signal?.removeEventListener('abort', onAbort)
          resolve()
        }, ms)
        signal?.addEventListener('abort', onAbort, { once: true })
      }),
  })
}

/** The platform's cryptographic random generator, `crypto.getRandomValues`. Fails closed where it is missing. */
export function systemEntropy(): Entropy {
  const { crypto } = globalThis
  return Object.freeze({
    fill(out: Uint8Array<ArrayBuffer>) {
      // getRandomValues refuses more than 65,536 bytes in one call.
      for (let offset = 0; offset < out.length; offset += 65_536) {
        crypto.getRandomValues(out.subarray(offset, offset + 65_536))
      }
    },
  })
}

/** `length` fresh random bytes. */
export function randomBytes(entropy: Entropy, length: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(length)
  entropy.fill(out)
  return out
}

/** The network, as a function: `globalThis.fetch` or a stand-in of the same shape. */
export type Fetch = typeof globalThis.fetch
