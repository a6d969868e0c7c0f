import type { Hit, Memory } from '@locket/sdk'
import { announce } from '../announce.ts'
import { confirm } from '../confirm.ts'
import { button, el } from '../dom.ts'
import { date } from '../format.ts'
import { explainError } from '../plain-words.ts'
import type { World } from '../world.ts'
import { editForm } from './edit-form.ts'
import { excerptOf } from './excerpt.ts'
import { receiptOf } from './receipt.ts'
import { STATE_WORDS } from './state-words.ts'
import { whyThisOne } from './why.ts'

/** One memory with what can be done to it. */
export function memoryCard(
  world: World,
  found: { readonly memory: Memory; readonly hit?: Hit },
  onChanged: (text: string) => void,
): HTMLLIElement {
  const item = el('li')
  const draw = (memory: Memory, focus?: 'update') => {
    const { id } = memory
    const when = date(memory.occurredAtMs)
    const update = button(
      'Update',
      () => {
        const form = editForm(memory.text, async (text) => {
          if (text === undefined) return draw(memory, 'update')
          onChanged(text)
          const updated = await world.locket.update(id, { text })
          world.changed()
          announce(`Updated. This is version ${updated.version}.`)
          draw(updated, 'update')
        })
        item.querySelector('.excerpt')?.replaceWith(form)
        form.querySelector('textarea')?.focus()
      },
      { 'aria-label': `Update ${when}` },
    )
    const forget = button('Forget', () => void forgetAfterAsking(), { 'aria-label': `Forget ${when}` })
    const forgetAfterAsking = async () => {
      const text = `The memory of ${when} is removed from this device at once, and the key to its backup is destroyed. Nobody can undo this, you included.`
      if (world.isBusy) {
        note.textContent = 'Something else is under way. Try again when it is done.'
        return
      }
      if (!(await confirm({ title: 'Forget this for good?', text, yes: 'Forget' }))) return
      forget.disabled = true
      forget.textContent = 'Forgetting…'
      try {
        const [receipt] = await world.busyWith(async () => {
          const receipts = await world.locket.forget(id)
          await world.keepNetwork()
          return receipts
        })
        if (receipt === undefined) return
        const shown = receiptOf(receipt, when)
        item.replaceChildren(shown)
        shown.focus()
      } catch (error) {
        item.append(explainError(error))
        forget.disabled = false
        forget.textContent = 'Forget'
      }
    }
    const note = el('p', { class: 'quiet', role: 'status' })
    const version = memory.version > 1 ? `, version ${memory.version}` : ''
    const state = el('span', { class: `state ${memory.state}`, 'data-memory': id }, STATE_WORDS[memory.state])
    const card = el(
      'article',
      { class: 'card' },
      el('header', {}, el('h3', {}, when), el('p', { class: 'facts' }, state, version)),
      excerptOf(memory.text, found.hit?.explain.matchedTerms ?? []),
      el(
        'footer',
        {},
        found.hit === undefined ? undefined : whyThisOne(found.hit.explain, found.hit.score),
        el('div', { class: 'actions small' }, update, forget),
      ),
      note,
    )
    item.replaceChildren(card)
    if (focus === 'update') update.focus()
  }
  draw(found.memory)
  return item
}
