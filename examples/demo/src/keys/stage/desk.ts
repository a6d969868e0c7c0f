import type { Here, Note, Outcome, Task } from '../messages.ts'
import type { DeviceName } from '../names.ts'
import type { Talk } from '../talk.ts'

export type Outcomes = ReadonlyMap<DeviceName, Outcome>

/** One thing that devices are doing together. */
export type Ceremony = {
  readonly id: string
  readonly to: readonly DeviceName[]
  readonly task: Task
  /** What each said last. */
  readonly progress: ReadonlyMap<DeviceName, string>
  readonly answers: Outcomes
}

/** Asks devices and collects what they answer. It has no key, and takes part in nothing. */
export type Desk = {
  readonly roster: ReadonlyMap<DeviceName, Here>
  readonly ceremony: Ceremony | undefined
  onChange(this: void, listener: () => void): void
  /** Resolves when every device asked has answered, or has been given up on. One at a time. */
  ask(this: void, to: readonly DeviceName[], task: Task): Promise<Outcomes>
  /** Gives up on what is under way. */
  callOff(this: void): void
}

/** How long the others get to notice a failure by themselves, in milliseconds. */
const PATIENCE_MS = 4_000

export function openDesk(talk: Talk): Desk {
  const roster = new Map<DeviceName, Here>()
  const listeners = new Set<() => void>()
  const tell = () => {
    for (const listener of listeners) listener()
  }
  let open: (Ceremony & { progress: Map<DeviceName, string>; answers: Map<DeviceName, Outcome>; end(): void }) | undefined

  const post = ({ id, to, task }: Ceremony) => talk.post({ type: 'ask', id, to, task })
  const callOff = (id: string) => {
    const called = open
    if (called?.id !== id) return
    talk.post({ type: 'cancel', id })
    // A closed device says nothing.
    setTimeout(() => called.end(), PATIENCE_MS / 4)
  }

  const hear = (note: Note) => {
    if (note.type === 'here') {
      const { type: _, ...here } = note
      const was = roster.get(here.name)
      roster.set(here.name, here)
      if (open?.to.includes(here.name) && !open.answers.has(here.name)) {
        if (here.state !== 'open') open.progress.set(here.name, here.state === 'closed' ? 'closed' : 'locked')
        // It came back: it is asked again, and says by itself what can still be done.
        else if (was?.state !== 'open') post(open)
      }
      tell()
    } else if (open !== undefined && (note.type === 'progress' || note.type === 'answer') && note.id === open.id) {
      if (note.type === 'progress') open.progress.set(note.name, note.text)
      else {
        open.answers.set(note.name, note.outcome)
        if (open.answers.size === open.to.length) open.end()
        else if (!note.outcome.ok) setTimeout(callOff, PATIENCE_MS, note.id)
      }
      tell()
    }
  }
  talk.on(hear)
  talk.post({ type: 'who' })

  return {
    roster,
    get ceremony() {
      return open
    },
    onChange: (listener) => void listeners.add(listener),
    ask: (to, task) =>
      new Promise((resolve, reject) => {
        if (open !== undefined) return reject(new Error('The devices are busy with something else.'))
        const answers = new Map<DeviceName, Outcome>()
        const begun = {
          id: crypto.randomUUID(),
          to,
          task,
          progress: new Map<DeviceName, string>(),
          answers,
          end() {
            if (open !== begun) return
            open = undefined
            tell()
            resolve(new Map(to.map((name) => [name, answers.get(name) ?? { ok: false, error: { message: 'It did not answer.' } }])))
          },
        }
        open = begun
        post(begun)
        tell()
      }),
    callOff: () => callOff(open?.id ?? ''),
  }
}
