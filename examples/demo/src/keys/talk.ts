import type { Note } from './messages.ts'

/** How the page and its devices talk about what to do. What they do with keys goes over the relay, sealed. */
export type Talk = { post(this: void, note: Note): void; on(this: void, listener: (note: Note) => void): void }

export function openTalk(): Talk {
  const channel = new BroadcastChannel('locket-demo-talk')
  return {
    post: (note) => channel.postMessage(note),
    on: (listener) => channel.addEventListener('message', ({ data }: MessageEvent<Note>) => listener(data)),
  }
}
