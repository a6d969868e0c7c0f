import { createPairingInvite } from '@locket/sdk/relay/session'
import type { Suite } from '@locket/sdk/mpc'
import { el } from '../../dom.ts'
import { systemEntropy } from '../device/open-device.ts'
import { FIRST_DEVICES, listOf, type DeviceName } from '../names.ts'
import { assertAll } from './ceremony-failed.ts'
import { startStep } from './step.ts'
import { invitation, type KeysWorld } from './world.ts'

/** Meeting and making a key. */
export function startMaking(world: KeysWorld): void {
  const { desk } = world
  const areOpen = () => FIRST_DEVICES.every((name) => desk.roster.get(name)?.state === 'open')
  startStep(world, {
    button: 'introduce',
    result: 'introduce-result',
    isReady: () => areOpen() && world.key === undefined,
    async run() {
      assertAll(await desk.ask(FIRST_DEVICES, introduce(FIRST_DEVICES)))
      return [el('p', {}, 'Each device knows the cards of the two others, and that nobody is in between.')]
    },
  })
  startStep(world, {
    button: 'make',
    result: 'make-result',
    // One key for each visit: a locket that is open goes on with it.
    isReady: () =>
      world.key === undefined && areOpen() && FIRST_DEVICES.every((name) => (desk.roster.get(name)?.contacts.length ?? 0) >= 2),
    async run() {
      const suite = (document.querySelector<HTMLInputElement>('[name="suite"]:checked')?.value ?? 'frost-ed25519') as Suite
      const task = { kind: 'create', suite, names: FIRST_DEVICES, invitation: invitation() } as const
      const outcomes = assertAll(await desk.ask(FIRST_DEVICES, task))
      const [first] = outcomes.values()
      if (first?.ok !== true || first.key === undefined) throw new Error('No key was made.')
      await world.useKey(first.key)
      return [
        el('p', {}, el('strong', {}, 'There is a key.'), ' Nobody has it: each device has a share, and any two can sign.'),
        await facts(world),
      ]
    },
  })
}

/** Who meets whom, when all of `names` are to know each other; or only `newcomer` the others. */
export function introduce(names: readonly DeviceName[], newcomer?: DeviceName) {
  const pairs = names.flatMap((inviter, at) => names.slice(at + 1).map((joiner) => ({ inviter, joiner })))
  const wanted = pairs.filter(({ inviter, joiner }) => newcomer === undefined || inviter === newcomer || joiner === newcomer)
  const pairings = wanted.map((pair) => ({ ...pair, invite: createPairingInvite(systemEntropy) }))
  return { kind: 'pair', pairings, expiresAtMs: Date.now() + 300_000 } as const
}

/** What is known of the key, all of it public. */
export async function facts(world: KeysWorld): Promise<HTMLElement> {
  const { key } = world
  if (key === undefined) return el('p', {}, 'There is no key.')
  const address = (await world.signer()).toSuiAddress()
  const rows = [
    ['Address', address],
    ['Held by', listOf(key.members.map(({ name }) => name))],
    ['Epoch', String(key.epoch)],
  ] as const
  return el('dl', { class: 'rows' }, ...rows.map(([term, value]) => el('div', {}, el('dt', {}, term), el('dd', {}, value))))
}
