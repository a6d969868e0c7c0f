import { byId } from './dom.ts'

/** Says something to people who do not see the page change. */
export function announce(text: string): void {
  byId('announcer').textContent = text
}
