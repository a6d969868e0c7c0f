import type { RpcPort } from '../core/rpc.ts'
import type { TabChannel } from './port.ts'

/** A channel with one listener at its other end, as a port to call across. A channel copies; nothing can be moved through it. */
export function channelRpcPort(channel: TabChannel): RpcPort {
  const isHeard = (type: string): type is 'message' | 'messageerror' => type === 'message' || type === 'messageerror'
  return Object.freeze<RpcPort>({
    postMessage: (message) => channel.postMessage(message),
    addEventListener(type, listener) {
      if (isHeard(type)) channel.addEventListener(type, listener)
    },
    removeEventListener(type, listener) {
      if (isHeard(type)) channel.removeEventListener(type, listener)
    },
  })
}
