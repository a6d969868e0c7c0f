/** The named baseline: Okapi BM25 (Robertson and others), k1 = 1.2, b = 0.75, lower-case runs of letters and digits, nothing else. */
export function okapiBm25(documents: readonly { readonly id: string; readonly text: string }[]) {
  const split = (text: string) => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
  const postings = new Map<string, Map<number, number>>()
  const lengths: number[] = []
  for (const [at, document] of documents.entries()) {
    const words = split(document.text)
    lengths.push(words.length)
    for (const word of words) {
      const posting = postings.get(word) ?? new Map<number, number>()
      posting.set(at, (posting.get(at) ?? 0) + 1)
      postings.set(word, posting)
    }
  }
  const average = lengths.reduce((a, b) => a + b, 0) / Math.max(1, lengths.length)
  return {
    /** Ids, best first. */
    search(query: string, k: number): string[] {
      const scores = new Map<number, number>()
      for (const word of new Set(split(query))) {
        const posting = postings.get(word)
        if (posting === undefined) continue
        const idf = Math.log(1 + (documents.length - posting.size + 0.5) / (posting.size + 0.5))
        for (const [at, count] of posting) {
          const norm = count + 1.2 * (0.25 + (0.75 * (lengths[at] as number)) / average)
          scores.set(at, (scores.get(at) ?? 0) + (idf * count * 2.2) / norm)
        }
      }
      return [...scores]
        .sort((a, b) => b[1] - a[1])
        .slice(0, k)
        .map(([at]) => documents[at]?.id ?? '')
    },
  }
}
