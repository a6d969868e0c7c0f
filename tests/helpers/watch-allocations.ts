type BufferConstructor = new (...args: never[]) => { readonly byteLength: number }

const WATCHED = ['ArrayBuffer', 'Uint8Array', 'Int8Array', 'Uint16Array', 'Uint32Array', 'Float32Array', 'Float64Array'] as const

/** Watches what buffers are made anywhere in this realm, until told to stop. One watch at a time. */
export function watchAllocations(): {
  /** Bytes of the largest buffer made, or asked for in vain, since the last call. */
  readonly largest: () => number
  readonly stop: () => void
} {
  const realm = globalThis as unknown as Record<string, BufferConstructor>
  const originals = WATCHED.map((name) => [name, realm[name] as BufferConstructor] as const)
  let most = 0
  for (const [name, original] of originals) {
    const unit = (original as unknown as { BYTES_PER_ELEMENT?: number }).BYTES_PER_ELEMENT ?? 1
    realm[name] = new Proxy(original, {
      construct(target, args: readonly unknown[], newTarget) {
        // Noted before it is tried: one too large throws.
        if (typeof args[0] === 'number' && args[0] * unit > most) most = args[0] * unit
        return Reflect.construct(target, args, newTarget) as object
      },
    })
  }
  return {
    largest() {
      const since = most
      most = 0
      return since
    },
    stop() {
      for (const [name, original] of originals) realm[name] = original
    },
  }
}
