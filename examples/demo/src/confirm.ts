import { byId } from './dom.ts'

/** Asks before something that cannot be taken back. Escape and Cancel mean no; focus returns to where it was. */
export function confirm(question: { readonly title: string; readonly text: string; readonly yes: string }): Promise<boolean> {
  const dialog = byId<HTMLDialogElement>('confirm')
  const yes = byId<HTMLButtonElement>('confirm-yes')
  byId('confirm-title').textContent = question.title
  byId('confirm-text').textContent = question.text
  yes.textContent = question.yes
  return new Promise((resolve) => {
    dialog.returnValue = ''
    yes.onclick = () => dialog.close('yes')
    byId('confirm-no').onclick = () => dialog.close()
    dialog.onclose = () => resolve(dialog.returnValue === 'yes')
    dialog.showModal()
  })
}
