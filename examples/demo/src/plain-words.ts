import { isLocketError } from '@locket/sdk'
import { el } from './dom.ts'

/** An error as a sentence and what to do about it, with its stable code for whoever looks it up. */
export function explainError(error: unknown): HTMLElement {
  if (!isLocketError(error)) return el('p', { class: 'error' }, error instanceof Error ? error.message : String(error))
  const { message } = error.toJSON()
  return el('p', { class: 'error' }, `${sentence(message)} ${error.remedy} `, el('code', {}, error.code))
}

function sentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?]$/.test(capital) ? capital : `${capital}.`
}
