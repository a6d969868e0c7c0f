import { byId, el } from '../../dom.ts'
import { FIRST_DEVICES, TITLES, type DeviceName } from '../names.ts'
import type { KeysWorld } from './world.ts'

const ABOUT: { readonly [name in DeviceName]: string } = {
  agent: 'works by itself',
  person: 'decides',
  recovery: 'lies in a drawer',
  phone: 'replaces a lost device',
}

/** The devices, each in a frame: the same page that can be opened in a tab of its own. */
export type Panes = { show(this: void, name: DeviceName): void; hide(this: void, name: DeviceName, why: string): void }

export function startPanes(world: KeysWorld): Panes {
  const show = (name: DeviceName) => {
    const frame = el('iframe', { src: `/device.html#${name}`, title: `${TITLES[name]}: a device` })
    frame.addEventListener('load', () => fit(frame))
    place(name, frame)
  }
  const place = (name: DeviceName, content: Node) => {
    const link = el(
      'a',
      { href: `/device.html#${name}`, target: `device-${name}` },
      'Open in a tab',
      el('span', { class: 'visually-hidden' }, ` ${TITLES[name]}`),
    )
    const header = el('header', {}, el('h3', {}, TITLES[name]), el('p', { class: 'quiet' }, ABOUT[name]), link)
    const pane = el('article', { id: `pane-${name}`, class: 'pane', tabindex: -1, 'aria-label': TITLES[name] }, header, content)
    const present = document.getElementById(`pane-${name}`)
    if (present === null) byId('panes').append(pane)
    else present.replaceWith(pane)
  }
  const hide = (name: DeviceName, why: string) => place(name, el('p', { class: 'gone' }, why))

  FIRST_DEVICES.forEach(show)
  // An earlier visit may have replaced a device.
  let isSettled = false
  world.desk.onChange(() => {
    const members = world.key?.members
    if (isSettled || members === undefined) return
    isSettled = true
    if (!members.some((member) => member.name === 'phone')) return
    hide('person', 'Lost.')
    show('phone')
  })
  return { show, hide }
}

/** As tall as what is in it, so that nothing asked is hidden. */
function fit(frame: HTMLIFrameElement): void {
  const body = frame.contentDocument?.body
  if (body === undefined) return
  new ResizeObserver(() => {
    frame.style.height = `${body.offsetHeight}px`
  }).observe(body)
}
