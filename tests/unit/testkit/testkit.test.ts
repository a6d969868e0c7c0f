import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../src/core/bytes.ts'
import { randomBytes } from '../../../src/core/capabilities.ts'
import { createMemoryStore } from '../../../src/store/memory.ts'
import { createFakeClock } from '../../../src/testkit/fake-clock.ts'
import { createMemoryDisk } from '../../../src/testkit/faults/memory-file.ts'
import { withFaults } from '../../../src/testkit/faults/with-faults.ts'
import { withLatency } from '../../../src/testkit/faults/with-latency.ts'
import { createSeededEntropy } from '../../../src/testkit/seeded-entropy.ts'

describe('createSeededEntropy', () => {
  it('gives the same bytes for the same seed, however they are asked for', () => {
    const whole = randomBytes(createSeededEntropy(1), 10_000)
    const entropy = createSeededEntropy(1)
    const parts = [1, 4_095, 5_904].flatMap((length) => [...randomBytes(entropy, length)])
    expect(parts).toEqual([...whole])
    expect(randomBytes(createSeededEntropy(2), 32)).not.toEqual(whole.slice(0, 32))
  })
})

describe('createFakeClock', () => {
  it('wakes sleepers in order and only when their time has come', async () => {
    const clock = createFakeClock(1_000)
    const woken: string[] = []
    const sleep = (name: string, ms: number) => void clock.sleep(ms).then(() => woken.push(`${name}@${clock.nowMs()}`))
    sleep('late', 300)
    sleep('early', 100)
    await clock.advance(99)
    expect(woken).toEqual([])
    await clock.advance(201)
    expect(woken).toEqual(['early@1100', 'late@1300'])
    expect(clock.nowMs()).toBe(1_300)
    expect(clock.sleeperCount).toBe(0)
  })

  it('lets a sleeper that woke sleep again within the same advance', async () => {
    const clock = createFakeClock(0)
    let beats = 0
    const beat = async () => {
      while (beats < 3) {
        await clock.sleep(10)
        beats++
      }
    }
    const done = beat()
    await clock.advance(30)
    await done
    expect(beats).toBe(3)
  })

  it('rejects an aborted sleep with the reason', async () => {
    const clock = createFakeClock()
    const abort = new AbortController()
    const reason = new Error('enough')
    const sleeping = clock.sleep(10, { signal: abort.signal })
    abort.abort(reason)
    await expect(sleeping).rejects.toBe(reason)
    await expect(clock.sleep(10, { signal: abort.signal })).rejects.toBe(reason)
    expect(clock.sleeperCount).toBe(0)
  })
})

describe('withFaults', () => {
  it('fails calls before or after they happen, as planned', async () => {
    const error = new Error('planned')
    const inner = createMemoryStore()
    const store = withFaults(inner, ({ index }) =>
      index === 0 ? { when: 'before', error } : index === 1 ? { when: 'after', error } : undefined,
    )
    await expect(store.put('a', utf8('1'))).rejects.toBe(error)
    await expect(store.put('b', utf8('1'))).rejects.toBe(error)
    await store.put('c', utf8('1'))
    expect(await inner.get('a')).toBeUndefined()
    expect(await inner.get('b')).toBeDefined()
    expect(await store.get('c')).toBeDefined()
  })
})

describe('withLatency', () => {
  it('takes its time, keeps the order and the bytes, and can be aborted', async () => {
    const clock = createFakeClock()
    const inner = createMemoryStore()
    const store = withLatency(inner, clock, 50)
    const value = utf8('1')
    const writes = [store.put('a', value), store.put('a', utf8('2'))]
    value.fill(0)
    const abort = new AbortController()
    const aborted = store.put('a', utf8('3'), { signal: abort.signal })
    abort.abort(new Error('stop'))
    await expect(inner.get('a')).resolves.toBeUndefined()
    await clock.advance(50)
    await Promise.all(writes)
    await expect(aborted).rejects.toThrow('stop')
    expect(await inner.get('a')).toEqual(utf8('2'))
  })
})

describe('createMemoryDisk', () => {
  it('keeps what was flushed and may lose or tear the rest', async () => {
    const disk = createMemoryDisk()
    const file = disk.open()
    await file.write(0, utf8('safe'))
    await file.flush()
    await file.write(4, utf8('lost'))
    disk.crash(() => 0)
    expect(disk.bytes()).toEqual(utf8('safe'))
    await disk.open().write(4, utf8('torn'))
    const fates = [1, 2]
    disk.crash(() => fates.shift() ?? 0)
    expect(disk.bytes()).toEqual(utf8('safeto'))
    await expect(file.read(0, 1)).rejects.toThrow('opened again')
  })
})
