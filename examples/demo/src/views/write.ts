import { announce } from '../announce.ts'
import { readOwnFile } from '../diary.ts'
import { byId, show, tagById } from '../dom.ts'
import { count, plural } from '../format.ts'
import { importEntries } from '../import-entries.ts'
import { explainError } from '../plain-words.ts'
import type { Monitor } from '../privacy/monitor.ts'
import type { World } from '../world.ts'
import { memoryCard } from './memory-card.ts'

/** Remembering something new: typed, or from a file. */
export function startWrite(world: World, monitor: Monitor): void {
  const note = tagById('textarea', 'note')
  const status = byId('write-status')

  byId('write-form').addEventListener('submit', async (event) => {
    event.preventDefault()
    const text = note.value.trim()
    if (text === '') return note.focus()
    try {
      monitor.guard([text])
      const memory = await world.locket.remember(text)
      note.value = ''
      byId('notes').prepend(memoryCard(world, { memory }, (changed) => monitor.guard([changed])))
      status.textContent = 'Saved on this device. Not backed up yet.'
      announce(status.textContent)
      world.changed()
    } catch (error) {
      show(status, explainError(error))
      announce(status.textContent ?? '')
    }
  })

  const own = tagById('input', 'own')
  own.addEventListener('change', async () => {
    const [file] = own.files ?? []
    if (file === undefined) return
    own.disabled = true
    try {
      const entries = await readOwnFile(file)
      monitor.guard(entries.map(({ text }) => text))
      let refused = 0
      await importEntries(world, entries, (done, refusedSoFar) => {
        refused = refusedSoFar
        status.textContent = `Importing ${file.name}: ${count(done)} of ${count(entries.length)}.`
      })
      const not = refused === 0 ? '' : ` ${plural(refused, 'entry was', 'entries were')} refused.`
      status.textContent = `${plural(entries.length - refused, 'memory', 'memories')} from ${file.name} saved on this device.${not}`
      announce(status.textContent)
    } catch (error) {
      show(status, explainError(error))
      announce(status.textContent ?? '')
    } finally {
      own.value = ''
      own.disabled = false
      world.changed()
    }
  })
  world.on('opened', () => {
    byId('notes').replaceChildren()
    status.textContent = ''
  })
}
