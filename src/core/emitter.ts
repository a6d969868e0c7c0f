/** Typed events. A listener that throws does not disturb the others or the emitter. */
export type Emitter<Events extends Record<string, unknown>> = {
  /** Calls `listener` for each `name` event until the returned function is called. */
  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): () => void
  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void
}

/** An emitter of its own; nothing is shared between two of them. */
export function createEmitter<Events extends Record<string, unknown>>(): Emitter<Events> {
  const listeners = new Map<keyof Events, Set<(event: never) => void>>()
  return Object.freeze({
    on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void) {
      const set = listeners.get(name) ?? new Set()
      listeners.set(name, set)
      set.add(listener)
      return () => {
        set.delete(listener)
        // Names may be many: one that nobody listens to is not kept.
        if (set.size === 0 && listeners.get(name) === set) listeners.delete(name)
      }
    },
    emit<Name extends keyof Events>(name: Name, event: Events[Name]) {
      // A copy: a listener may take itself off while it is called.
      for (const listener of Array.from(listeners.get(name) ?? [])) {
        try {
          ;(listener as (event: Events[Name]) => void)(event)
        } catch {
          // A listener's mistake is its own: storage and upload must go on.
        }
      }
    },
  })
}
