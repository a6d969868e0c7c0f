/**
 * The dedicated Worker that holds the OPFS journal. This file is a program, not
 * a module: construct it with `new Worker(url, { type: 'module' })`.
 */
import type { RpcPort } from '../core/rpc.ts'
import { startDeviceWorker } from './start-device-worker.ts'

startDeviceWorker({ scope: globalThis as unknown as RpcPort })
