import { announce } from '../announce.ts'
import { byId, el, show, tagById } from '../dom.ts'
import { coins, count, plural } from '../format.ts'
import { explainError } from '../plain-words.ts'
import type { World } from '../world.ts'
import { createPurse } from '../purse.ts'
import { STATE_WORDS } from './state-words.ts'
import { quoteTable } from './quote.ts'

const STATES = ['local', 'queued', 'stored', 'certified'] as const

/** What is where, what backing up costs, and doing it. */
export function startBackup(world: World): void {
  const start = tagById('button', 'backup-button')
  const stop = tagById('button', 'backup-stop')
  const progress = byId('backup-progress')
  const result = byId('backup-result')
  let running: AbortController | undefined
  let quoteTimer: ReturnType<typeof setTimeout> | undefined
  let quoteTurn = 0

  const figures = new Map(STATES.map((state) => [state, el('dd', {}, '0')]))
  byId('states').replaceChildren(
    ...STATES.map((state) =>
      el('div', { class: state }, el('dt', {}, state === 'local' ? 'Only on this device' : STATE_WORDS[state]), figures.get(state)),
    ),
  )

  const quote = async () => {
    const turn = ++quoteTurn
    const { byState, pendingBytes } = world.status()
    const waiting = byState.local + byState.queued + byState.stored
    start.disabled = waiting === 0 || world.isBusy
    start.textContent = waiting === 0 ? 'Back up' : `Back up ${plural(waiting, 'memory', 'memories')}`
    if (world.isBusy) return
    if (waiting === 0) return show(byId('quote'), el('p', { class: 'quiet' }, 'Nothing is waiting to be backed up.'))
    try {
      const cost = await world.locket.cost()
      if (turn === quoteTurn) show(byId('quote'), quoteTable(cost, waiting, pendingBytes))
    } catch (error) {
      if (turn === quoteTurn) show(byId('quote'), explainError(error))
    }
  }

  let isDue = false
  world.on('changed', () => {
    if (!isDue) {
      isDue = true
      requestAnimationFrame(() => {
        isDue = false
        const { byState } = world.status()
        for (const [state, figure] of figures) figure.textContent = count(byState[state])
      })
    }
    clearTimeout(quoteTimer)
    quoteTimer = setTimeout(() => void quote(), 400)
  })

  const backUp = async (signal: AbortSignal) => {
    start.disabled = true
    stop.hidden = false
    stop.focus()
    result.hidden = true
    const purse = await createPurse(world.network)
    const bar = el('progress', { max: 1, value: 0, 'aria-label': 'Backing up' })
    const meter = el('p', {}, 'Sealing and packing…')
    show(progress, bar, meter)
    const leaving = (event: BeforeUnloadEvent) => event.preventDefault()
    addEventListener('beforeunload', leaving)
    const unsubscribe = world.locket.on('progress', async ({ task, done, total }) => {
      if (task !== 'flush') return
      bar.value = done / total
      const spent = await purse.spent()
      meter.textContent = `${count(done)} of ${count(total)} backed up. Spent so far: ${coins(spent.wal, 'WAL')} and ${coins(spent.sui, 'SUI')}.`
    })
    try {
      const receipt = await world.locket.flush({ signal })
      show(
        result,
        el(
          'p',
          {},
          el('strong', {}, `${plural(receipt.memories, 'memory', 'memories')} backed up`),
          ` in ${plural(receipt.quilts.length, 'parcel')}, with ${receipt.signatures} signatures of the wallet, for ${coins(receipt.costFrost, 'WAL')} and ${coins(receipt.gasMist, 'SUI')}.`,
        ),
      )
      announce(`${plural(receipt.memories, 'memory', 'memories')} backed up.`)
    } catch (error) {
      if (signal.aborted) show(result, el('p', {}, 'Stopped. What was backed up stays backed up; the rest goes on where it stopped.'))
      else show(result, explainError(error))
    } finally {
      unsubscribe()
      progress.hidden = true
      stop.hidden = true
      await world.keepNetwork()
      removeEventListener('beforeunload', leaving)
      result.focus({ preventScroll: true })
    }
  }
  start.addEventListener('click', () => {
    running = new AbortController()
    const { signal } = running
    void world.busyWith(() => backUp(signal))
  })
  stop.addEventListener('click', () => running?.abort())
  world.on('opened', () => {
    result.hidden = true
  })
  world.changed()
}
