import { el, show, tagById, byId, button } from '../../dom.ts'
import { listOf, type DeviceName } from '../names.ts'
import type { Question } from './decode-request.ts'
import { LIE_WORDS, LIES, type Lie } from './lie.ts'

const MOST_LINES = 8

/** Writes a line where the newest is first. */
export function log(text: string): void {
  const list = byId('log')
  list.prepend(el('li', {}, text))
  while (list.childElementCount > MOST_LINES) list.lastElementChild?.remove()
}

/** What the visitor has set: whether to ask, and whether to misbehave. */
export function switches(): { readonly asks: boolean; readonly lie: Lie } {
  return { asks: !tagById('input', 'unasked').checked, lie: tagById('select', 'lie').value as Lie }
}

export function startSwitches(name: DeviceName): void {
  // An agent works by itself; people are asked.
  tagById('input', 'unasked').checked = name === 'agent'
  tagById('select', 'lie').replaceChildren(...LIES.map((lie) => el('option', { value: lie }, LIE_WORDS[lie])))
}

export function rowsOf(rows: readonly (readonly [string, string])[]): HTMLElement {
  return el('dl', { class: 'rows' }, ...rows.map(([term, value]) => el('div', {}, el('dt', {}, term), el('dd', {}, value))))
}

/** Asks for a yes or no. Ends with the signal's reason. */
export function consent({ title, rows }: Question, signal: AbortSignal): Promise<boolean> {
  return answered(signal, (answer) => [
    el('h2', {}, title),
    rowsOf(rows),
    el(
      'div',
      { class: 'actions small' },
      button('Approve', () => answer(true), { class: 'primary' }),
      button('Refuse', () => answer(false)),
    ),
  ])
}

/** Shows codes to compare and asks once for all of them. */
export function compare(codes: readonly (readonly [DeviceName, string])[], signal: AbortSignal): Promise<boolean> {
  return answered(signal, (answer) => [
    el('h2', {}, 'Compare'),
    el('p', { class: 'quiet' }, 'Does each other device show the same code?'),
    el('dl', { class: 'codes' }, ...codes.map(([other, code]) => el('div', {}, el('dt', {}, listOf([other])), el('dd', {}, code)))),
    el(
      'div',
      { class: 'actions small' },
      button('All the same', () => answer(true), { class: 'primary' }),
      button('One differs', () => answer(false)),
    ),
  ])
}

function answered(signal: AbortSignal, content: (answer: (yes: boolean) => void) => HTMLElement[]): Promise<boolean> {
  const place = byId('question')
  const clear = () => {
    place.replaceChildren()
    place.hidden = true
  }
  return new Promise<boolean>((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    show(place, ...content(resolve))
  }).finally(clear)
}
