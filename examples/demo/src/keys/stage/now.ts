import { announce } from '../../announce.ts'
import { button, byId, el } from '../../dom.ts'
import { TITLES } from '../names.ts'
import type { Task } from '../messages.ts'
import type { KeysWorld } from './world.ts'

const WORDS: { readonly [kind in Task['kind']]: string } = {
  pair: 'Meeting',
  create: 'Making a key',
  sign: 'Signing',
  refresh: 'Refreshing',
  settle: 'Settling',
  reshare: 'Moving the key',
}

/** A bar that says what the devices are doing, and whom they wait for. */
export function startNow(world: KeysWorld): void {
  const bar = byId('now')
  const title = el('strong')
  const states = el('ul', { class: 'now-states' })
  const stop = button('Call it off', () => world.desk.callOff())
  bar.replaceChildren(title, states, stop)
  let shown: string | undefined
  world.desk.onChange(() => {
    const { ceremony } = world.desk
    bar.hidden = ceremony === undefined
    document.body.classList.toggle('is-busy', ceremony !== undefined)
    if (ceremony === undefined) return void (shown = undefined)
    const { task, to, progress, answers } = ceremony
    title.textContent = WORDS[task.kind]
    states.replaceChildren(
      ...to.map((name) => {
        const outcome = answers.get(name)
        const state = outcome === undefined ? (progress.get(name) ?? 'is asked') : outcome.ok ? 'done' : 'failed'
        return el('li', { 'data-state': state }, el('a', { href: `#pane-${name}` }, TITLES[name]), ` ${state}`)
      }),
    )
    if (shown !== ceremony.id) announce(WORDS[task.kind])
    shown = ceremony.id
  })
}
