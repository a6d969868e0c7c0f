import type { MemoryInput } from '@locket/sdk'

const MOST_BYTES = 8_000_000
const MOST_ENTRIES = 5_000

/** The diary that comes with this page: one JSON object `{ date, text }` per line. */
export async function fetchDiary(): Promise<readonly MemoryInput[]> {
  const response = await fetch('/diary.jsonl')
  if (!response.ok) throw new Error(`the diary could not be loaded (${response.status})`)
  return parseJsonl(await response.text()).map((entry) => ({ ...entry, source: 'Samuel Pepys' }))
}

/** Memories from a file of the visitor's own: JSON lines with `text` and perhaps `date`, or text with blank lines between memories. */
export async function readOwnFile(file: File): Promise<readonly MemoryInput[]> {
  if (file.size > MOST_BYTES) throw new Error('The file is larger than 8 MB.')
  const text = await file.text()
  const entries = file.name.endsWith('.jsonl') ? parseJsonl(text) : parseParagraphs(text)
  if (entries.length === 0) throw new Error('Nothing in the file looks like a memory.')
  if (entries.length > MOST_ENTRIES) throw new Error(`The file holds more than ${MOST_ENTRIES} memories.`)
  return entries.map((entry) => ({ ...entry, source: file.name }))
}

function parseJsonl(text: string): MemoryInput[] {
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return []
    let entry: { text?: unknown; date?: unknown } | null
    try {
      entry = JSON.parse(line)
    } catch {
      throw new Error(`Line ${index + 1} is not JSON.`)
    }
    if (typeof entry?.text !== 'string' || entry.text.trim() === '') throw new Error(`Line ${index + 1} has no text.`)
    const occurredAtMs = typeof entry.date === 'string' ? Date.parse(entry.date) : Number.NaN
    return [{ text: entry.text, ...(Number.isNaN(occurredAtMs) ? {} : { occurredAtMs }) }]
  })
}

function parseParagraphs(text: string): MemoryInput[] {
  return text
    .split(/\r?\n\s*\r?\n/)
    .map((paragraph) => paragraph.trim())
    .filter((paragraph) => paragraph !== '')
    .map((paragraph) => ({ text: paragraph }))
}
