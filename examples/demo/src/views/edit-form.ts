import { button, el } from '../dom.ts'
import { explainError } from '../plain-words.ts'

/** Lets a text be changed in place. Calls `done` with the new text, or with nothing if it is to stay. */
export function editForm(text: string, done: (text: string | undefined) => Promise<void> | void): HTMLFormElement {
  const area = el('textarea', { rows: 8, 'aria-label': 'New text' })
  area.value = text
  const form = el(
    'form',
    { class: 'edit' },
    area,
    el(
      'div',
      { class: 'actions small' },
      el('button', { type: 'submit', class: 'primary' }, 'Save'),
      button('Leave as it was', () => void done(undefined)),
    ),
  )
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    const changed = area.value.trim()
    try {
      await done(changed === '' || changed === text ? undefined : changed)
    } catch (error) {
      form.append(explainError(error))
    }
  })
  return form
}
