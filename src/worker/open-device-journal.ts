import type { AbortOptions } from '../core/abort.ts'
import { createRpcClient, type RpcPort } from '../core/rpc.ts'
import { openRemoteStore, type RemoteStore } from '../store/remote.ts'
import { DEVICE_SERVICE, type OpenJournalRequest } from './device-service.ts'

export type OpenDeviceJournalOptions = AbortOptions & OpenJournalRequest & { readonly port: RpcPort }

/**
 * Opens the OPFS journal of `directory` inside the device worker behind `port`.
 *
 * @throws {LocketError} `store/locked` while another tab has it, `worker/failed` if the worker cannot be started,
 *   otherwise what `openOpfsJournal` fails with.
 */
export async function openDeviceJournal(options: OpenDeviceJournalOptions): Promise<RemoteStore> {
  const { port, signal, ...request } = options
  const rpc = createRpcClient(port)
  const service = await rpc.call<string>(DEVICE_SERVICE, 'openJournal', request, { signal })
  rpc.close()
  return openRemoteStore({ port, service, signal })
}
