import type { Mpc, OpenMpc } from '@locket/sdk/mpc'

/** How a device can be told to misbehave, to see what the others make of it. */
export const LIES = ['honest', 'wrong-share', 'other-message', 'reload'] as const
export type Lie = (typeof LIES)[number]

export const LIE_WORDS: { readonly [lie in Lie]: string } = {
  honest: 'does its part',
  'wrong-share': 'sends a false part of the signature',
  'other-message': 'signs something else',
  reload: 'reloads in the middle of the next signature',
}

/**
 * A core that misbehaves in its second message: what it computed is changed by one bit, or the page is gone.
 * The first answer opens the ceremony, the second holds what depends on the share.
 */
export function misbehaving(openMpc: OpenMpc, lie: 'wrong-share' | 'reload'): OpenMpc {
  return async (options) => {
    const core = await openMpc(options)
    let calls = 0
    return Object.freeze<Mpc>({
      async call(op, payload, callOptions) {
        const answer = await core.call(op, payload, callOptions)
        if (++calls !== 2) return answer
        if (lie === 'reload') {
          location.reload()
          return new Promise<never>(() => {})
        }
        const middle = answer.length >> 1
        answer[middle] = (answer[middle] ?? 0) ^ 1
        return answer
      },
      close: () => core.close(),
    })
  }
}
