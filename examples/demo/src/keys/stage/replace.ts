import { invite, planReshare } from '@locket/sdk/mpc'
import { byId, el, tagById } from '../../dom.ts'
import { isDeviceName, listOf, TITLES, type DeviceName } from '../names.ts'
import { assertAll } from './ceremony-failed.ts'
import { facts, introduce } from './make.ts'
import type { Panes } from './panes.ts'
import { startStep } from './step.ts'
import { invitation, type KeysWorld } from './world.ts'

const LOST: DeviceName = 'person'
const NEW: DeviceName = 'phone'

/** A lost device, the one that takes its place, and what the old one is worth when it is found. */
export function startReplacing(world: KeysWorld, panes: Panes): void {
  const { desk } = world
  const isMember = (name: DeviceName) => world.key?.members.some((member) => member.name === name) === true
  const left = () =>
    (world.key?.members ?? []).map(({ name }) => name).filter((name) => isDeviceName(name) && name !== LOST && name !== NEW) as DeviceName[]
  const areOpen = (names: readonly DeviceName[]) => names.every((name) => desk.roster.get(name)?.state === 'open')
  const hasMet = () => left().every((name) => desk.roster.get(name)?.contacts.includes(NEW))

  startStep(world, {
    button: 'lose',
    result: 'lose-result',
    isReady: () => isMember(LOST),
    async run() {
      panes.hide(LOST, 'Lost. If it is open in a tab of its own, close that tab.')
      panes.show(NEW)
      return [el('p', {}, 'It is gone, and its share with it. Choose a passphrase on the new phone.')]
    },
  })
  startStep(world, {
    button: 'meet-phone',
    result: 'meet-result',
    isReady: () => isMember(LOST) && areOpen([...left(), NEW]),
    async run() {
      assertAll(await desk.ask([...left(), NEW], introduce([...left(), NEW], NEW)))
      return [el('p', {}, `${TITLES[NEW]} has met ${listOf(left())}.`)]
    },
  })
  startStep(world, {
    button: 'replace',
    result: 'replace-result',
    isReady: () => isMember(LOST) && areOpen([...left(), NEW]) && hasMet(),
    async run() {
      const { key } = world
      const card = desk.roster.get(NEW)?.card
      if (key === undefined || card === undefined) throw new Error('The new phone is not open.')
      const dealers = key.members.filter(({ name }) => left().includes(name as DeviceName)).map(({ index }) => index)
      const members = key.members.map((member) => (member.name === LOST ? { name: NEW, card: Uint8Array.from(card) } : member))
      const plan = planReshare(key, { dealers, members })
      assertAll(await desk.ask([...left(), NEW], { kind: 'reshare', plan, invitation: invitation() }))
      return [el('p', {}, el('strong', {}, 'Replaced.'), ' All shares are new, and the address is what it was.'), await facts(world)]
    },
  })
  startStep(world, {
    button: 'find',
    result: 'find-result',
    isReady: () => isMember(NEW),
    async run() {
      panes.show(LOST)
      byId('try-old').hidden = false
      return [el('p', {}, 'It has its old share, of an epoch that is over. Open it and let it try to sign.')]
    },
  })
  startStep(world, {
    button: 'try-old',
    result: 'try-result',
    isReady: () => isMember(NEW) && areOpen(['agent', LOST]),
    async run() {
      const { key } = world
      if (key === undefined) throw new Error('There is no key.')
      const message = new TextEncoder().encode('Good morning')
      const request = { intent: 'PersonalMessage', bytes: Uint8Array.of(message.length, ...message) } as const
      const names = ['agent', LOST] as const
      assertAll(await desk.ask(names, { kind: 'sign', keyId: key.id, names, request, invitation: invite({ timeoutMs: 20_000 }) }))
      return [el('p', { class: 'error' }, 'The old share was accepted. It must not be.')]
    },
  })

  const everybody = () => (world.key?.members ?? []).map(({ name }) => name).filter(isDeviceName)
  startStep(world, {
    button: 'refresh',
    result: 'refresh-result',
    isReady: () => world.key !== undefined && areOpen(everybody()),
    async run() {
      const { key } = world
      if (key === undefined) throw new Error('There is no key.')
      assertAll(await desk.ask(everybody(), { kind: 'refresh', keyId: key.id, invitation: invitation() }))
      return [el('p', {}, el('strong', {}, 'Refreshed.'), ` Epoch ${key.epoch} is over, and its shares are worthless.`), await facts(world)]
    },
  })
  startStep(world, {
    button: 'settle',
    result: 'refresh-result',
    isReady: () => world.key !== undefined && areOpen(everybody()),
    async run() {
      const { key } = world
      if (key === undefined) throw new Error('There is no key.')
      const outcomes = assertAll(await desk.ask(everybody(), { kind: 'settle', keyId: key.id, invitation: invitation() }))
      const [first] = outcomes.values()
      return [el('p', {}, `All agree: ${first?.ok === true ? (first.settled ?? '') : ''}.`)]
    },
  })
  tagById('button', 'try-old').hidden = true
}
