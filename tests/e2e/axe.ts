import type { Frame, Page } from 'playwright'

type Axe = { run(context: Document, options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> }

/** In the page, once its script is there. */
declare const axe: Axe

/** Rule and offending element of each finding, frames left out. */
export function violations(page: Page | Frame): Promise<readonly string[]> {
  return page.evaluate(async () => {
    const found = await axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
      iframes: false,
    })
    return found.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))
  })
}
