import { LocketError } from '../../core/errors.ts'
import type { ExecutionContext, LedgerEvent, Owner } from '../ledger/types.ts'
import { formatType, type MoveType, parseType } from './move-type.ts'
import type { ModuleStore } from './module-store.ts'
import { type MoveValue, objectIdOf, type Reference } from './value.ts'
import { decodeValue, encodeValue } from './value-bcs.ts'

/** An object as one call sees it. */
export type HeldObject = {
  readonly id: string
  readonly type: MoveType
  value: MoveValue
  /** `undefined`: taken or returned by value, not placed anywhere yet. */
  owner: Owner | undefined
}

/**
 * The objects and events of one call. Nothing reaches the context before
 * {@link Session.commit}, so an abort leaves no trace, whatever the context does.
 */
export type Session = {
  readonly context: ExecutionContext
  readonly store: ModuleStore
  /** The object as it stands now, or `undefined` if there is none. */
  object(id: string): HeldObject | undefined
  /** A reference to the whole object. A mutable one is written back on commit. */
  borrow(object: HeldObject, isMutable: boolean): Reference
  /** Takes the object out: it is deleted on commit unless it is placed again. */
  take(id: string): void
  /** Puts a value of `type` where `owner` says. */
  place(value: MoveValue, type: MoveType, owner: Owner | undefined): void
  emit(event: LedgerEvent): void
  commit(): void
}

export function createSession(context: ExecutionContext, store: ModuleStore): Session {
  /** `undefined` stands for an object known not to exist, or taken. */
  const objects = new Map<string, HeldObject | undefined>()
  const changed = new Set<string>()
  const events: LedgerEvent[] = []

  const object = (id: string): HeldObject | undefined => {
    if (!objects.has(id)) {
      const found = context.get(id)
      const type = found === undefined ? undefined : parseType(found.type)
      objects.set(id, found && type && { id, type, value: decodeValue(found.contents, type, store.layoutOf), owner: found.owner })
    }
    return objects.get(id)
  }

  return Object.freeze({
    context,
    store,
    object,
    borrow(held: HeldObject, isMutable: boolean): Reference {
      if (isMutable) changed.add(held.id)
      return {
        kind: 'reference',
        read: () => held.value,
        write: (value) => {
          held.value = value
        },
      }
    },
    take(id: string) {
      object(id)
      objects.set(id, undefined)
      changed.add(id)
    },
    place(value: MoveValue, type: MoveType, owner: Owner | undefined) {
      const id = objectIdOf(value)
      objects.set(id, { id, type, value, owner })
      changed.add(id)
    },
    emit(event: LedgerEvent) {
      events.push(event)
    },
    commit() {
      for (const id of changed) {
        const held = objects.get(id)
        if (held !== undefined) {
          const contents = encodeValue(held.value, held.type, store.layoutOf)
          context.write({ id, type: formatType(held.type), contents, owner: held.owner })
        } else if (context.get(id) !== undefined) {
          context.delete(id)
        }
      }
      for (const event of events) context.emit(event)
    },
  })
}

/** The error of a native function this VM does not have. */
export function unsupportedNative(name: string): LocketError {
  return new LocketError('usage/unsupported', {
    operation: 'localnet.call',
    message: `the localnet's Move VM does not implement the native function ${name}`,
    details: { native: name },
  })
}
