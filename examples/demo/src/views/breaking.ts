import type { RestoreReport } from '@locket/sdk'
import { announce } from '../announce.ts'
import { confirm } from '../confirm.ts'
import { byId, el, show, tagById } from '../dom.ts'
import { count, plural } from '../format.ts'
import { explainError } from '../plain-words.ts'
import { guardKept } from '../privacy/guard-kept.ts'
import type { Monitor } from '../privacy/monitor.ts'
import type { World } from '../world.ts'
import { createSwitches } from './switches.ts'

/** Switches for failures, wiping the device, and getting everything back. */
export function startBreaking(world: World, monitor: Monitor, imported: Promise<void>): void {
  const wipe = tagById('button', 'wipe')
  const restore = tagById('button', 'restore')
  const progress = byId('restore-progress')
  const result = byId('restore-result')
  const switches = createSwitches(world)
  byId('switches').replaceChildren(switches.element)
  let isImporting = true
  const refresh = () => {
    wipe.disabled = isImporting || world.isBusy
    restore.disabled = world.isBusy
  }
  void imported.then(() => {
    isImporting = false
    // A device that was wiped before a reload.
    restore.hidden = world.status().memories > 0
    refresh()
  })
  world.on('changed', refresh)

  wipe.addEventListener('click', async () => {
    const { memories, byState } = world.status()
    const lost = memories - byState.certified
    const text =
      lost === 0
        ? `The locket is closed and everything it keeps in this browser is destroyed. All ${plural(memories, 'memory', 'memories')} are backed up.`
        : `The locket is closed and everything it keeps in this browser is destroyed. ${plural(lost, 'memory is', 'memories are')} not backed up and will be lost.`
    if (!(await confirm({ title: 'Wipe this device?', text, yes: 'Wipe' }))) return
    try {
      await world.busyWith(() => world.wipe())
      show(result, el('p', {}, 'This device is empty. All that is left is the wallet.'))
      announce('This device is wiped.')
      restore.hidden = false
      restore.focus()
    } catch (error) {
      show(result, explainError(error))
    }
  })

  const restoreAll = async () => {
    result.hidden = true
    const bar = el('progress', { 'aria-label': 'Restoring' })
    const line = el('p', {}, 'Asking the chain which parcels are yours, and the key servers for their keys…')
    show(progress, bar, line)
    const unsubscribe = world.locket.on('progress', ({ task, done, total }) => {
      if (task !== 'restore') return
      bar.max = total
      bar.value = done
      line.textContent = `${count(done)} of ${count(total)} opened and checked.`
      world.changed()
    })
    const startedMs = performance.now()
    try {
      const report = await world.locket.restore()
      await guardKept(world, monitor)
      show(result, ...tell(report, world.status().memories, performance.now() - startedMs))
      restore.hidden = report.failedSpaces.length + report.failed.length === 0
    } catch (error) {
      show(result, explainError(error))
    } finally {
      unsubscribe()
      progress.hidden = true
      switches.refresh()
      result.focus({ preventScroll: true })
      announce(result.textContent ?? '')
    }
  }
  restore.addEventListener('click', () => void world.busyWith(restoreAll))
}

/** The report as sentences. Every version of a memory is opened and counted, so versions can be more than memories. */
function tell(report: RestoreReport, memories: number, tookMs: number): HTMLElement[] {
  const { found, restored, present, failed, failedSpaces } = report
  if (found === 0 && failedSpaces.length > 0) {
    const nothing = el('p', {}, el('strong', {}, 'Nothing could be restored.'), ' Nothing is lost either: the backup is still there.')
    return [nothing, ...failedSpaces.slice(0, 1).map(({ error }) => explainError(error))]
  }
  const seconds = (tookMs / 1000).toFixed(1)
  const complete = restored + present === found && failedSpaces.length === 0
  const opened = `${count(restored)} of ${plural(found, 'version')} opened and checked in ${seconds} s${present > 0 ? `, ${count(present)} were here already` : ''}.`
  const first = el(
    'p',
    {},
    el('strong', {}, `${complete ? 'Restored: all' : 'Restored:'} ${plural(memories, 'memory', 'memories')}.`),
    ` ${opened}`,
  )
  return [first, ...[...failedSpaces, ...failed].slice(0, 1).map(({ error }) => explainError(error))]
}
