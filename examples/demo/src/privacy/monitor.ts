import type { LoggedRequest, RequestLog } from '@locket/sdk/localnet'
import type { FromWorker, ToWorker, Verdict } from './messages.ts'

type Probed = Extract<FromWorker, { type: 'probed' }>
type Planted = Extract<FromWorker, { type: 'planted' }>

/** Watches everything that leaves, and searches it for what must not. */
export type Monitor = {
  readonly log: RequestLog
  readonly verdict: Verdict
  /** Texts that must never be found outside. */
  guard(texts: readonly string[]): void
  onVerdict(listener: (verdict: Verdict) => void): void
  /** Searches all that left for one word, in every spelling. */
  probe(word: string): Promise<Probed>
  /** Lets the detector look at a request that leaks and is never sent. */
  plant(): Promise<Planted>
}

export function createMonitor(log: RequestLog): Monitor {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'privacy monitor' })
  const listeners = new Set<(verdict: Verdict) => void>()
  let verdict: Verdict = { requests: 0, bytes: 0, canaries: 0, leaks: [] }
  const waiting: { probed: ((message: Probed) => void)[]; planted: ((message: Planted) => void)[] } = { probed: [], planted: [] }

  worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => {
    if (data.type === 'probed') waiting.probed.shift()?.(data)
    else if (data.type === 'planted') waiting.planted.shift()?.(data)
    else {
      verdict = data
      for (const listener of listeners) listener(verdict)
    }
  })
  const post = (message: ToWorker, transfer: Transferable[] = []) => worker.postMessage(message, transfer)
  const pass = (request: LoggedRequest) => {
    const bytes = wireBytes(request)
    post({ type: 'request', name: `request ${request.index} to ${new URL(request.url).host}`, bytes }, [bytes.buffer])
  }
  for (const request of log.entries()) pass(request)
  log.subscribe(pass)

  return {
    log,
    get verdict() {
      return verdict
    },
    guard: (texts) => post({ type: 'texts', texts }),
    onVerdict: (listener) => void listeners.add(listener),
    probe(word) {
      post({ type: 'probe', word })
      return new Promise((resolve) => waiting.probed.push(resolve))
    },
    plant() {
      post({ type: 'plant' })
      return new Promise((resolve) => waiting.planted.push(resolve))
    },
  }
}

/** Method, address, headers and body, as one run of bytes. */
function wireBytes({ method, url, headers, body }: LoggedRequest): Uint8Array<ArrayBuffer> {
  const head = new TextEncoder().encode(`${method} ${url}\n${headers.map(([name, value]) => `${name}: ${value}`).join('\n')}\n\n`)
  const bytes = new Uint8Array(head.length + body.length)
  bytes.set(head)
  bytes.set(body, head.length)
  return bytes
}
