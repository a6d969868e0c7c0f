import { describe, expect, it } from 'vitest'
import { iterateInbox, type Inbox } from '../../../src/relay/inbox.ts'

/** An iteration, its inbox, and what its source was told. */
function opened(signal?: AbortSignal) {
  const told: string[] = []
  let inbox: Inbox<number> | undefined
  const iterable = iterateInbox<number>(
    (given) => {
      inbox = given
      told.push('open')
      return { taken: () => void told.push('taken'), stop: () => void told.push('stop') }
    },
    { signal },
  )
  const iterator = iterable[Symbol.asyncIterator]()
  return { told, iterator, inbox: () => inbox as Inbox<number> }
}

describe('iterateInbox', () => {
  it('opens its source when the first value is asked for, and says when one is taken', async () => {
    const { told, iterator, inbox } = opened()
    expect(told).toEqual([])
    const first = iterator.next()
    inbox().push(1)
    inbox().push(2)
    expect(await first).toEqual({ done: false, value: 1 })
    expect(told).toEqual(['open', 'taken'])
    expect(await iterator.next()).toEqual({ done: false, value: 2 })
    expect(told).toEqual(['open', 'taken', 'taken'])
  })

  it('gives what was pushed before the end, then is over', async () => {
    const { told, iterator, inbox } = opened()
    const first = iterator.next()
    inbox().push(1)
    inbox().push(2)
    inbox().end()
    inbox().push(3)
    await first
    expect(await iterator.next()).toEqual({ done: false, value: 2 })
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
    expect(told.filter((word) => word === 'stop')).toEqual(['stop'])
  })

  it('drops what was not taken when it fails, and tells it once', async () => {
    const { iterator, inbox } = opened()
    const first = iterator.next()
    inbox().push(1)
    inbox().push(2)
    const failure = new Error('broken')
    inbox().fail(failure)
    inbox().fail(new Error('again'))
    await first
    await expect(iterator.next()).rejects.toBe(failure)
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
  })

  it('fails one of two that wait, and ends the other', async () => {
    const { iterator, inbox } = opened()
    const waiting = [iterator.next(), iterator.next()]
    inbox().fail(new Error('broken'))
    expect((await Promise.allSettled(waiting)).map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
  })

  it('stops once when the signal aborts, and never opens under one that is aborted', async () => {
    const abort = new AbortController()
    const { told, iterator } = opened(abort.signal)
    const waiting = iterator.next()
    abort.abort('enough')
    await expect(waiting).rejects.toBe('enough')
    expect(told).toEqual(['open', 'stop'])
    const late = opened(abort.signal)
    await expect(late.iterator.next()).rejects.toBe('enough')
    expect(late.told).toEqual([])
  })

  it('stops a source that ended while it opened', async () => {
    const told: string[] = []
    const iterable = iterateInbox<number>((inbox) => {
      inbox.end()
      return { stop: () => void told.push('stop') }
    })
    expect(await iterable[Symbol.asyncIterator]().next()).toEqual({ done: true, value: undefined })
    expect(told).toEqual(['stop'])
  })

  it('opens a source for each iteration, and none for one that is left unopened', async () => {
    const { told, iterator } = opened()
    await iterator.return?.()
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
    expect(told).toEqual([])
  })

  it('rejects with what opening threw', async () => {
    const failure = new Error('no')
    const iterable = iterateInbox<number>(() => {
      throw failure
    })
    await expect(iterable[Symbol.asyncIterator]().next()).rejects.toBe(failure)
  })
})
