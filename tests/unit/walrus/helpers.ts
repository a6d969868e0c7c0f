import type { Patch } from '../../../src/walrus/types.ts'

/** A small deterministic generator (mulberry32): the same seed gives the same case on every machine. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Bytes without a zero among them, so that a lost tail shows. */
export function fullBytes(length: number, random: () => number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(length)
  for (let i = 0; i < length; i++) out[i] = 1 + Math.floor(random() * 255)
  return out
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

function identifier(random: () => number, chars = 22): string {
  let out = ''
  for (let i = 0; i < chars; i++) out += ALPHABET.charAt(Math.floor(random() * ALPHABET.length))
  return out
}

export function patches(count: number, sizeOf: (index: number) => number, random: () => number, chars = 22): Patch[] {
  return Array.from({ length: count }, (_, index) => ({ identifier: identifier(random, chars), bytes: fullBytes(sizeOf(index), random) }))
}

/** The code of what a call throws; `undefined` if it does not throw. */
export function codeOf(run: () => unknown): string | undefined {
  try {
    run()
    return undefined
  } catch (error) {
    return (error as { code?: string }).code ?? `not a LocketError: ${String(error)}`
  }
}
