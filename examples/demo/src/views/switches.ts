import type { KeyServerStatus } from '@locket/sdk'
import type { AggregatorFault, KeyServerFault } from '../faults.ts'
import { el } from '../dom.ts'
import { announce } from '../announce.ts'
import type { World } from '../world.ts'

type Switch = {
  readonly label: string
  set(this: void, mode: Mode): void
  status?(this: void): KeyServerStatus | undefined
}

const MODES = ['works', 'down', 'lies'] as const
type Mode = (typeof MODES)[number]

const MODE_WORDS: { readonly [mode in Mode]: string } = { works: 'works', down: 'is down', lies: 'lies' }

const KEY_SERVER: { readonly [mode in Mode]: KeyServerFault | undefined } = {
  works: undefined,
  down: { kind: 'down' },
  lies: { kind: 'wrong-key' },
}
const AGGREGATOR: { readonly [mode in Mode]: AggregatorFault | undefined } = {
  works: undefined,
  down: { kind: 'down' },
  lies: { kind: 'tampered' },
}

const SEEN: { readonly [state in KeyServerStatus['state']]: string } = {
  unknown: 'not asked yet',
  ok: 'last answer was true',
  refused: 'refused',
  down: 'did not answer',
  misbehaved: 'caught lying',
}

/** One row of radio buttons for each part that can fail, with what the client has seen of it. */
export function createSwitches(world: World): { readonly element: HTMLElement; refresh(this: void): void } {
  const { faults, seal, walrus } = world.network
  const servers = seal.servers.map(
    ({ objectId }, index): Switch => ({
      label: `Key server ${index + 1}`,
      set(mode) {
        const fault = KEY_SERVER[mode]
        if (fault === undefined) faults.clear(`key-server/${index}`)
        else faults.set(`key-server/${index}`, fault)
      },
      status: () => world.status().keyServers.find((server) => server.objectId === objectId),
    }),
  )
  const aggregators = walrus.aggregators.map(
    (_, index): Switch => ({
      label: `Storage gateway ${index + 1}`,
      set(mode) {
        const fault = AGGREGATOR[mode]
        if (fault === undefined) faults.clear(`aggregator/${index}`)
        else faults.set(`aggregator/${index}`, fault)
      },
    }),
  )
  const rows = [...servers, ...aggregators].map((part, index) => row(part, `part-${index}`))
  const refresh = () => {
    for (const { update } of rows) update()
  }
  world.on('changed', refresh)
  return { element: el('div', { class: 'switch-list' }, ...rows.map(({ element }) => element)), refresh }
}

function row(part: Switch, name: string): { readonly element: HTMLElement; update(this: void): void } {
  const seen = el('span', { class: 'seen' })
  const radios = MODES.map((mode) => {
    const input = el('input', { type: 'radio', name, value: mode, checked: mode === 'works' })
    input.addEventListener('change', () => {
      part.set(mode)
      announce(`${part.label} ${MODE_WORDS[mode]}.`)
    })
    return el('label', {}, input, el('span', {}, MODE_WORDS[mode]))
  })
  const update = () => {
    const status = part.status?.()
    seen.textContent = status === undefined ? '' : SEEN[status.state]
    seen.dataset['state'] = status?.state ?? 'unknown'
  }
  const element = el('fieldset', { class: 'switch' }, el('legend', {}, part.label), el('div', { class: 'modes' }, ...radios), seen)
  return { element, update }
}
