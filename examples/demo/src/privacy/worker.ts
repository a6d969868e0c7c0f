/** Searches what left, off the page's own thread. */
import { createPrivacyRecorder } from '@locket/sdk/testkit'
import type { Finding, FromWorker, ToWorker } from './messages.ts'
import { canariesOf, createNeedles, type Needles } from './needles.ts'

const answer = (message: FromWorker) => globalThis.postMessage(message, { transfer: [] })
const recorder = createPrivacyRecorder()
const needles = createNeedles()
const known = new Set<string>()
const leaks: Finding[] = []
let bytes = 0
let sample = 'nothing was remembered yet'
let isDue = false

globalThis.addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  if (data.type === 'request') {
    recorder.record(data.name, data.bytes)
    bytes += data.bytes.length
    check(needles, recorder.crossings.slice(-1))
    reportSoon()
  } else if (data.type === 'texts') {
    // What left before is searched for the new texts only.
    const fresh = createNeedles()
    for (const text of data.texts) {
      for (const canary of canariesOf(text)) {
        if (known.has(canary)) continue
        known.add(canary)
        needles.add(canary)
        fresh.add(canary)
        sample = canary
      }
    }
    check(fresh, recorder.crossings)
    reportSoon()
  } else if (data.type === 'probe') {
    const { word } = data
    const lower = word.toLowerCase()
    const found = recorder.findPlaintext([...new Set([word, lower, lower.charAt(0).toUpperCase() + lower.slice(1)])])
    const findings = found.map(({ channel, encoding }) => ({ name: channel, encoding }))
    answer({ type: 'probed', word, requests: recorder.crossings.length, findings })
  } else {
    const planted = new TextEncoder().encode(`{"note":"${btoa(unescapeToLatin(`and so to bed. ${sample} and up again.`))}"}`)
    const encoding = needles.findIn(planted)
    answer({ type: 'planted', finding: encoding === undefined ? undefined : { name: 'the fake request', encoding } })
  }
})

function check(table: Needles, crossings: readonly { readonly channel: string; readonly bytes: Uint8Array }[]): void {
  if (table.size === 0) return
  for (const { channel, bytes: crossed } of crossings) {
    const encoding = table.findIn(crossed)
    if (encoding !== undefined) leaks.push({ name: channel, encoding })
  }
}

/** Many requests come at once; one report is enough. */
function reportSoon(): void {
  if (isDue) return
  isDue = true
  setTimeout(() => {
    isDue = false
    answer({ type: 'verdict', requests: recorder.crossings.length, bytes, canaries: needles.size, leaks })
  }, 50)
}

/** The UTF-8 bytes of a text as the characters `btoa` wants. */
function unescapeToLatin(text: string): string {
  return String.fromCharCode(...new TextEncoder().encode(text))
}
