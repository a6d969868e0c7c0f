import { describe, expect, it } from 'vitest'
import { requestPersistence } from '../../../src/store/persistence.ts'

const storage = (persisted: boolean, grants: boolean) => ({
  asked: 0,
  async persisted() {
    return persisted
  },
  async persist() {
    this.asked++
    return grants
  },
  async estimate() {
    return { usage: 10, quota: 100 }
  },
})

describe('requestPersistence', () => {
  it('reports what the browser grants, and does not ask twice', async () => {
    expect(await requestPersistence(storage(false, true))).toEqual({ isPersisted: true, usageBytes: 10, quotaBytes: 100 })
    expect((await requestPersistence(storage(false, false))).isPersisted).toBe(false)
    const granted = storage(true, false)
    expect((await requestPersistence(granted)).isPersisted).toBe(true)
    expect(granted.asked).toBe(0)
  })

  it('promises nothing where the browser has no answer', async () => {
    const broken = { ...storage(false, true), persisted: () => Promise.reject(new TypeError('insecure context')) }
    expect(await requestPersistence(broken)).toEqual({ isPersisted: false, usageBytes: undefined, quotaBytes: undefined })
  })
})
