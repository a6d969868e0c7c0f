import { el } from './dom.ts'

const region = el('p', { class: 'visually-hidden', role: 'status' })
document.body.append(region)

/** Says something to people who do not see the page change. */
export function announce(text: string): void {
  region.textContent = text
}
