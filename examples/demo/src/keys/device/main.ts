import { isLocketError } from '@locket/sdk'
import { announce } from '../../announce.ts'
import { byId, show, tagById } from '../../dom.ts'
import { shortId } from '../../format.ts'
import { explainError } from '../../plain-words.ts'
import { trustOwnScriptsOnly } from '../../trusted-types.ts'
import type { Failure, Note } from '../messages.ts'
import { databasesOf, isDeviceName, TITLES, type DeviceName } from '../names.ts'
import { openTalk } from '../talk.ts'
import { haveDevice } from './lock.ts'
import { openDevice, type Device } from './open-device.ts'
import { perform, type Host } from './perform.ts'
import { compare, consent, log, rowsOf, startSwitches, switches } from './views.ts'

trustOwnScriptsOnly()
const talk = openTalk()
let device: Device | undefined
const running = new Map<string, AbortController>()
const done = new Set<string>()

const hash = location.hash.slice(1)
if (isDeviceName(hash)) void start(hash)
else show(byId('state'), 'No device of this name.')

async function start(name: DeviceName): Promise<void> {
  document.title = `${TITLES[name]}: a device of Locket’s threshold keys`
  byId('name').textContent = TITLES[name]
  document.body.classList.toggle('in-pane', window.parent !== window)
  startSwitches(name)
  show(byId('state'), 'Open in a tab of its own. Close that tab to have it here.')
  await haveDevice(name, talk)
  addEventListener('pagehide', () => talk.post({ type: 'here', name, state: 'closed', contacts: [], keys: [] }))
  talk.on((note) => {
    if (note.type === 'ask' && note.to.includes(name)) void answer(note)
    else if (note.type === 'cancel') running.get(note.id)?.abort(new Error('Called off.'))
    else if (note.type === 'who') {
      for (const control of running.values()) control.abort(new Error('The page began anew.'))
      sayHere(name)
    }
  })
  const isKnown = (await indexedDB.databases()).some((database) => database.name === databasesOf(name).shares)
  byId('unlock-label').textContent = isKnown ? 'Passphrase of this device' : 'Choose a passphrase for this device'
  tagById('input', 'passphrase').autocomplete = isKnown ? 'current-password' : 'new-password'
  show(byId('state'), 'Locked.')
  byId('unlock').hidden = false
  sayHere(name)
  byId('unlock').addEventListener('submit', (event) => {
    event.preventDefault()
    void unlock(name)
  })
}

async function unlock(name: DeviceName): Promise<void> {
  const passphrase = tagById('input', 'passphrase')
  const go = tagById('button', 'unlock-button')
  if (passphrase.value === '') return passphrase.focus()
  go.disabled = true
  show(byId('state'), 'Opening…')
  try {
    device = await openDevice(name, passphrase.value)
    passphrase.value = ''
    byId('unlock').hidden = true
    byId('switches').hidden = false
    sayHere(name)
  } catch (error) {
    show(byId('state'), explainError(error))
  } finally {
    go.disabled = false
  }
}

/** Tells the page, and the visitor, how this device stands. */
function sayHere(name: DeviceName): void {
  const contacts = [...(device?.contacts.keys() ?? [])]
  const keys = device?.shares.keys() ?? []
  talk.post({ type: 'here', name, state: device === undefined ? 'locked' : 'open', contacts, keys, ...(device && { card: device.card }) })
  if (device === undefined) return
  const rows = keys.map(({ id, epoch, self, members }): [string, string] => [
    `Share ${self} of ${members.length}`,
    `key ${shortId(id)}, epoch ${epoch}`,
  ])
  show(byId('state'), 'Open.', rows.length === 0 ? ' No share yet.' : rowsOf(rows))
}

async function answer({ id, task }: Note & { readonly type: 'ask' }): Promise<void> {
  const opened = device
  if (opened === undefined || running.has(id) || done.has(id)) return
  const control = new AbortController()
  const { signal } = control
  const { name } = opened
  running.set(id, control)
  const { asks, lie } = switches()
  const codes: [DeviceName, string][] = []
  const mine = task.kind === 'pair' ? task.pairings.filter(({ inviter, joiner }) => [inviter, joiner].includes(name)) : []
  let haveAll = () => {}
  // One question for all codes: it is asked when the last of them is there.
  const isSame = new Promise<void>((resolve) => {
    haveAll = resolve
  }).then(() => compare(codes, signal))
  const host: Host = {
    signal,
    lie,
    async consent(question) {
      if (!asks) return true
      announce(question.title)
      host.progress('asks its person')
      return consent(question, signal)
    },
    async compare(other, code) {
      codes.push([other, code])
      if (codes.length === mine.length) {
        host.progress('shows its codes')
        haveAll()
      }
      return isSame
    },
    progress: (text) => talk.post({ type: 'progress', id, name, text }),
  }
  try {
    const outcome = await perform(opened, task, host)
    log(`${WORDS[task.kind]}: done`)
    finish(id)
    talk.post({ type: 'answer', id, name, outcome })
  } catch (error) {
    const failure = failureOf(error)
    log(`${WORDS[task.kind]}: ${'code' in failure ? failure.code : failure.message}`)
    finish(id)
    talk.post({ type: 'answer', id, name, outcome: { ok: false, error: failure } })
  }
  sayHere(name)
}

const WORDS = { pair: 'Meet', create: 'Make a key', sign: 'Sign', refresh: 'Refresh', settle: 'Settle', reshare: 'Move the key' } as const

function finish(id: string): void {
  running.delete(id)
  done.add(id)
}

function failureOf(error: unknown): Failure {
  if (isLocketError(error)) return error.toJSON()
  return { message: error instanceof Error ? error.message : String(error) }
}
