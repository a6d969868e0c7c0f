import type { RestoreReport } from '@locket/sdk'
import { announce } from '../announce.ts'
import { confirm } from '../confirm.ts'
import { byId, el, show } from '../dom.ts'
import { count, plural } from '../format.ts'
import { explainError } from '../plain-words.ts'
import type { World } from '../world.ts'
import { createSwitches } from './switches.ts'

/** Switches for failures, wiping the device, and getting everything back. */
export function startBreaking(world: World): void {
  const wipe = byId<HTMLButtonElement>('wipe')
  const restore = byId<HTMLButtonElement>('restore')
  const progress = byId('restore-progress')
  const result = byId('restore-result')
  const switches = createSwitches(world)
  byId('switches').replaceChildren(switches.element)

  wipe.addEventListener('click', async () => {
    const { memories, byState } = world.locket.status()
    const lost = memories - byState.certified
    const text =
      lost === 0
        ? `The locket is closed and everything it keeps in this browser is destroyed. All ${plural(memories, 'memory', 'memories')} are backed up.`
        : `The locket is closed and everything it keeps in this browser is destroyed. ${plural(lost, 'memory is', 'memories are')} not backed up and will be lost.`
    if (!(await confirm({ title: 'Wipe this device?', text, yes: 'Wipe' }))) return
    wipe.disabled = true
    try {
      await world.wipe()
      show(result, el('p', {}, 'This device is empty. All that is left is the wallet.'))
      announce('This device is wiped.')
      restore.hidden = false
      restore.focus()
    } catch (error) {
      show(result, explainError(error))
    } finally {
      wipe.disabled = false
    }
  })

  restore.addEventListener('click', async () => {
    restore.disabled = true
    wipe.disabled = true
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
      show(result, ...tell(report, performance.now() - startedMs))
      restore.hidden = report.failedSpaces.length + report.failed.length === 0
    } catch (error) {
      show(result, explainError(error))
    } finally {
      unsubscribe()
      progress.hidden = true
      restore.disabled = false
      wipe.disabled = false
      world.changed()
      switches.refresh()
      result.focus({ preventScroll: true })
      announce(result.textContent ?? '')
    }
  })
}

function tell(report: RestoreReport, tookMs: number): HTMLElement[] {
  const { found, restored, present, failed, failedSpaces } = report
  const seconds = (tookMs / 1000).toFixed(1)
  const first =
    found === 0 && failedSpaces.length > 0
      ? el('p', {}, el('strong', {}, 'Nothing could be restored.'), ' Nothing is lost either: the backup is still there.')
      : el(
          'p',
          {},
          el('strong', {}, `${count(restored)} of ${plural(found, 'memory', 'memories')} restored`),
          ` in ${seconds} s, each one checked.${present > 0 ? ` ${count(present)} were here already.` : ''}`,
        )
  const [space] = failedSpaces
  const [memory] = failed
  const reasons = [space, memory].filter((reason) => reason !== undefined).map(({ error }) => explainError(error))
  if (failed.length > 0) reasons.unshift(el('p', {}, `${plural(failed.length, 'memory', 'memories')} could not be restored:`))
  return [first, ...reasons]
}
