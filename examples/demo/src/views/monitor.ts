import type { LoggedRequest } from '@locket/sdk/localnet'
import { announce } from '../announce.ts'
import { byId, el, tagById } from '../dom.ts'
import { bytes, count, plural } from '../format.ts'
import type { Monitor } from '../privacy/monitor.ts'

const MOST_ROWS = 60
const HEAD_BYTES = 12

/** The table of what left, and what was found in it. */
export function startMonitorView(monitor: Monitor): void {
  const rows = el('tbody')
  const table = el(
    'table',
    {},
    el('caption', { class: 'visually-hidden' }, `The newest ${MOST_ROWS} requests, newest first`),
    el('thead', {}, el('tr', {}, ...['No.', 'Method', 'To', 'Size', 'First bytes'].map((name) => el('th', { scope: 'col' }, name)))),
    rows,
  )
  byId('requests').replaceChildren(
    el('div', { class: 'table', role: 'region', tabindex: 0, 'aria-label': 'Requests that left, newest first' }, table),
  )

  let waiting: LoggedRequest[] = []
  const draw = () => {
    const fresh = waiting.slice(-MOST_ROWS).reverse().map(rowOf)
    waiting = []
    rows.prepend(...fresh)
    while (rows.rows.length > MOST_ROWS) rows.deleteRow(-1)
  }
  const add = (request: LoggedRequest) => {
    if (waiting.length === 0) requestAnimationFrame(draw)
    waiting.push(request)
  }
  for (const request of monitor.log.entries()) add(request)
  monitor.log.subscribe(add)

  const verdict = byId('verdict')
  monitor.onVerdict(({ requests, bytes: sent, canaries, leaks }) => {
    if (leaks.length > 0 && !verdict.classList.contains('bad')) announce('A leak was found.')
    verdict.classList.toggle('bad', leaks.length > 0)
    verdict.replaceChildren(
      el('strong', {}, leaks.length === 0 ? 'No leaks.' : `${plural(leaks.length, 'leak')} found.`),
      ` ${plural(requests, 'request')} (${bytes(sent)}) searched for ${count(canaries)} passages of what is kept and asked here, each as text, UTF-16, hex, base64, percent encoding and backwards.`,
    )
  })

  const probe = tagById('input', 'probe')
  const status = byId('probe-status')
  byId('probe-form').addEventListener('submit', async (event) => {
    event.preventDefault()
    const word = probe.value.trim()
    if (new TextEncoder().encode(word).length < 6) {
      status.textContent = 'Six letters or more, please: shorter words turn up in random bytes by chance.'
      return probe.focus()
    }
    const { requests, findings } = await monitor.probe(word)
    const [first] = findings
    status.textContent =
      first === undefined
        ? `“${word}” is in none of the ${plural(requests, 'request')} that left.`
        : `“${word}” was found ${plural(findings.length, 'time')}, first as ${first.encoding} in ${first.name}.`
  })

  byId('plant').addEventListener('click', async () => {
    const { finding } = await monitor.plant()
    status.textContent =
      finding === undefined
        ? 'The detector missed a leak that was planted. Do not believe it.'
        : `The detector works: a line of the diary, hidden as ${finding.encoding} in a fake request that was not sent, was found at once.`
  })
}

function rowOf({ index, method, url, body }: LoggedRequest): HTMLTableRowElement {
  const { host, pathname } = new URL(url)
  const head = Array.from(body.subarray(0, HEAD_BYTES), (byte) => byte.toString(16).padStart(2, '0')).join(' ')
  return el(
    'tr',
    {},
    el('td', { class: 'number' }, count(index + 1)),
    el('td', {}, method),
    el(
      'td',
      { class: 'host', title: url },
      host,
      el('span', { class: 'quiet' }, pathname.length > 34 ? `${pathname.slice(0, 33)}…` : pathname),
    ),
    el('td', { class: 'number' }, body.length === 0 ? '–' : bytes(body.length)),
    el('td', {}, el('code', {}, head === '' ? '–' : head)),
  )
}
