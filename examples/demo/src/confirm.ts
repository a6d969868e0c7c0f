import { byId, tagById } from './dom.ts'

/** Asks before something that cannot be taken back. Escape and Cancel mean no; focus returns to where it was. */
export function confirm(question: { readonly title: string; readonly text: string; readonly yes: string }): Promise<boolean> {
  const dialog = tagById('dialog', 'confirm')
  const yes = tagById('button', 'confirm-yes')
  byId('confirm-title').textContent = question.title
  byId('confirm-text').textContent = question.text
  yes.textContent = question.yes
  return new Promise((resolve) => {
    // The event of an earlier closing comes late: whoever waits for it is answered now, and it is not taken for this one's.
    dialog.dispatchEvent(new Event('close'))
    dialog.returnValue = ''
    const listening = new AbortController()
    const { signal } = listening
    yes.addEventListener('click', () => dialog.close('yes'), { signal })
    byId('confirm-no').addEventListener('click', () => dialog.close(), { signal })
    dialog.addEventListener(
      'close',
      () => {
        if (dialog.open) return
        listening.abort()
        resolve(dialog.returnValue === 'yes')
      },
      { signal },
    )
    dialog.showModal()
  })
}
