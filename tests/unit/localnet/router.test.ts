import { expect, it } from 'vitest'
import { createRouter } from '../../../src/localnet/router.ts'

it('leaves no rejection unhandled when a request is aborted while its body is read', async () => {
  const controller = new AbortController()
  const reason = new Error('enough others answered')
  const unhandled: unknown[] = []
  const note = (error: unknown) => void unhandled.push(error)
  process.on('unhandledRejection', note)
  const service = {
    async handle({ signal }: Request) {
      signal.throwIfAborted()
      return new Response()
    },
  }
  const fetch = createRouter([service], () => controller.abort(reason))
  await expect(fetch('http://host.test/', { signal: controller.signal })).rejects.toBe(reason)
  await new Promise((resolve) => setTimeout(resolve))
  process.off('unhandledRejection', note)
  expect(unhandled).toEqual([])
})
