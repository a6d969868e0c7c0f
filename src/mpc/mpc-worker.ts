/**
 * The Worker of one ceremony: it holds a threshold core and nothing else. This file is a program, not
 * a module: construct it with `new Worker(url, { type: 'module' })`.
 */
import type { RpcPort } from '../core/rpc.ts'
import { serveMpc } from './serve-mpc.ts'

serveMpc(globalThis as unknown as RpcPort)
