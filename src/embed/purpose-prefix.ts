import { featureHash } from './feature-hash.ts'

/** What is put before a text, for models trained to tell documents from questions (`passage: `, `query: `). */
export type PurposePrefix = { readonly document: string; readonly query: string }

/** The part of an embedder's id that changes with its prefixes, as its vectors do. */
export function prefixMark(prefix: PurposePrefix | undefined): string {
  return prefix === undefined ? '' : `:${featureHash(`${prefix.document}\n${prefix.query}`, 0).toString(36)}`
}
