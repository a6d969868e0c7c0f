/** What the page tells its privacy worker. */
export type ToWorker =
  | { readonly type: 'request'; readonly name: string; readonly bytes: Uint8Array }
  | { readonly type: 'texts'; readonly texts: readonly string[] }
  | { readonly type: 'probe'; readonly word: string }
  | { readonly type: 'plant' }

/** A place where something was found that should not be there. */
export type Finding = { readonly name: string; readonly encoding: string }

/** Everything that left so far, and what was found in it. */
export type Verdict = {
  readonly requests: number
  readonly bytes: number
  readonly canaries: number
  readonly leaks: readonly Finding[]
}

export type FromWorker =
  | ({ readonly type: 'verdict' } & Verdict)
  | { readonly type: 'probed'; readonly word: string; readonly requests: number; readonly findings: readonly Finding[] }
  | { readonly type: 'planted'; readonly finding: Finding | undefined }
