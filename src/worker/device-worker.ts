/**
 * The dedicated Worker that holds the OPFS journal and the vector indexes. This file is a program, not
 * a module: construct it with `new Worker(url, { type: 'module' })`.
 */
import type { RpcPort } from '../core/rpc.ts'
import { startDeviceWorker } from './start-device-worker.ts'
import { registerVectorIndexes } from './vector-index-service.ts'

startDeviceWorker({ scope: globalThis as unknown as RpcPort, register: registerVectorIndexes })
