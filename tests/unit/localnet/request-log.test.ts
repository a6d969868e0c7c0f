import { describe, expect, it } from 'vitest'
import { createRequestLog } from '../../../src/localnet/request-log.ts'

const request = (body: Uint8Array<ArrayBuffer>) => ({ method: 'PUT', url: 'https://a.test/', headers: [], body })

describe('createRequestLog', () => {
  it('keeps the newest entries, by number and by size, and tells listeners of all', () => {
    const requests = createRequestLog(3)
    const { log } = requests
    const seen: number[] = []
    const stop = log.subscribe(({ index }) => seen.push(index))
    for (let i = 0; i < 5; i++) requests.add(request(Uint8Array.of(i)))
    expect(log.entries().map(({ index }) => index)).toEqual([2, 3, 4])
    stop()
    for (let i = 0; i < 2; i++) requests.add(request(new Uint8Array(40 * 1024 * 1024)))
    expect(log.entries().map(({ index }) => index)).toEqual([6])
    expect(seen).toEqual([0, 1, 2, 3, 4])
    log.clear()
    expect(log.entries()).toEqual([])
  })

  it('keeps a copy of each body', () => {
    const requests = createRequestLog(1)
    const { log } = requests
    const body = Uint8Array.of(1)
    requests.add(request(body))
    body[0] = 9
    expect(log.entries()[0]?.body[0]).toBe(1)
  })
})
