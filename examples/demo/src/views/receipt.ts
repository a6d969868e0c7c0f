import type { ForgetReceipt } from '@locket/sdk'
import { el } from '../dom.ts'
import { shortId } from '../format.ts'
import { explainError } from '../plain-words.ts'

/** What is left of a forgotten memory, in plain words. */
export function receiptOf(receipt: ForgetReceipt, when: string): HTMLElement {
  const { keyDestroyed, remaining, removedBlobIds, pending } = receipt
  const lines: HTMLElement[] = [el('li', {}, 'Gone from this device: text, versions and index entries.')]
  if (keyDestroyed && remaining.length + removedBlobIds.length === 0) {
    lines.push(el('li', {}, 'It was never backed up, so there is no key and no copy anywhere else.'))
  } else if (keyDestroyed) {
    lines.push(el('li', {}, 'Its key is destroyed: nobody can get it from the network any more, you included.'))
  } else {
    lines.push(el('li', {}, 'Its key on the network is not destroyed yet. The next forget finishes it.'))
  }
  for (const { blobId, untilEpoch } of remaining) {
    const until =
      untilEpoch === undefined ? 'until its storage runs out' : `until epoch ${untilEpoch} (on the main network an epoch is two weeks)`
    lines.push(
      el(
        'li',
        {},
        'Scrambled bytes without a key stay on storage nodes ',
        until,
        ', in parcel ',
        el('code', { title: blobId }, shortId(blobId)),
        '.',
      ),
    )
  }
  if (removedBlobIds.length > 0) lines.push(el('li', {}, 'Its parcel held nothing else and was deleted.'))
  const receiptCard = el(
    'article',
    { class: 'receipt', tabindex: -1, 'aria-label': `Receipt: ${when} is forgotten` },
    el('h3', {}, `Forgotten: ${when}`),
    el('ul', {}, ...lines),
  )
  if (pending !== undefined) receiptCard.append(explainError(pending))
  return receiptCard
}
