import { announce } from '../announce.ts'
import { fetchDiary } from '../diary.ts'
import { byId, tagById } from '../dom.ts'
import { count } from '../format.ts'
import { importEntries } from '../import-entries.ts'
import { keep, kept } from '../kept.ts'
import { guardKept } from '../privacy/guard-kept.ts'
import type { Monitor } from '../privacy/monitor.ts'
import type { World } from '../world.ts'

/** Brings the diary in on the first visit; on a later one, says what was kept. */
export async function startFirstImport(world: World, monitor: Monitor): Promise<void> {
  const bar = tagById('progress', 'import-bar')
  const say = (text: string, counted = '') => {
    byId('import-text').textContent = text
    byId('import-count').textContent = counted
  }

  if (world.isReturning) await guardKept(world, monitor)
  if (await kept('imported')) {
    const { memories } = world.status()
    bar.value = memories > 0 ? 1 : 0
    if (memories > 0) say('Opened with your wallet.', `${count(memories)} memories were kept on this device.`)
    else say('This device was wiped. Restore it below.')
    return
  }

  const diary = await fetchDiary()
  // A visit may have ended in the middle: what is there is not brought in twice.
  const present = new Set<string>()
  for await (const { text } of world.locket.all()) present.add(text)
  const missing = diary.filter(({ text }) => !present.has(text))
  monitor.guard(missing.map(({ text }) => text))
  const already = diary.length - missing.length
  say('Encrypting the diary on this device. You can ask already.', `0 of ${count(diary.length)} days`)
  await importEntries(world, missing, (done) => {
    bar.value = (already + done) / diary.length
    byId('import-count').textContent = `${count(already + done)} of ${count(diary.length)} days`
  })
  await keep('imported', true)
  say('The diary is encrypted and saved on this device.', `${count(diary.length)} days`)
  announce(`The diary is saved on this device: ${count(diary.length)} days.`)
  world.changed()
}
