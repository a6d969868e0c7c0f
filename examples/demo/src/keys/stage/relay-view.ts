import { byId, el } from '../../dom.ts'
import { bytes, count, plural } from '../../format.ts'
import type { Monitor } from '../../privacy/monitor.ts'
import type { Seen } from './relay-log.ts'

const MOST_ROWS = 60
const HEAD_BYTES = 12
const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })

/** What the relay sees, as a table: sizes, places, times and scrambled bytes. */
export function createRelayView(): { add(this: void, seen: Seen): void } {
  const rows = el('tbody')
  const heads = ['Time', 'What', 'Topic', 'Size', 'First bytes'].map((name) => el('th', { scope: 'col' }, name))
  const table = el(
    'table',
    {},
    el('caption', { class: 'visually-hidden' }, `The newest ${MOST_ROWS} messages, newest first`),
    el('thead', {}, el('tr', {}, ...heads)),
    rows,
  )
  byId('relayed').replaceChildren(
    el('div', { class: 'table', role: 'region', tabindex: 0, 'aria-label': 'What the relay saw, newest first' }, table),
  )
  let waiting: Seen[] = []
  const draw = () => {
    rows.prepend(...waiting.reverse().map(rowOf))
    waiting = []
    while (rows.rows.length > MOST_ROWS) rows.deleteRow(-1)
  }
  return {
    add(seen) {
      if (waiting.length === 0) requestAnimationFrame(draw)
      waiting.push(seen)
      // A page behind others does not draw.
      if (waiting.length > MOST_ROWS) waiting.shift()
    },
  }
}

function rowOf({ atMs, type, topic, body }: Seen): HTMLTableRowElement {
  const head = Array.from(body.subarray(0, HEAD_BYTES), (byte) => byte.toString(16).padStart(2, '0')).join(' ')
  return el(
    'tr',
    {},
    el('td', {}, clock.format(atMs)),
    el('td', {}, type),
    el('td', {}, el('code', { title: topic }, `${topic.slice(0, 10)}…`)),
    el('td', { class: 'number' }, body.length === 0 ? '–' : bytes(body.length)),
    el('td', {}, el('code', {}, head === '' ? '–' : head)),
  )
}

/** Whether anything readable was in what left. */
export function startVerdict(monitor: Monitor): void {
  const verdict = byId('verdict')
  monitor.onVerdict(({ requests, bytes: sent, canaries, leaks }) => {
    verdict.classList.toggle('bad', leaks.length > 0)
    verdict.replaceChildren(
      el('strong', {}, leaks.length === 0 ? 'No leaks.' : `${plural(leaks.length, 'leak')} found.`),
      ` ${plural(requests, 'message')} to the relay, the chain, key servers and storage (${bytes(sent)}) searched for ${count(canaries)} passages of what is kept and asked here.`,
    )
  })
}
