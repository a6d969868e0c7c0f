import { fromBase64Url } from '../../core/bytes.ts'
import { LOCKET } from '../bytecode/locket.ts'
import { MOVE_STDLIB } from '../bytecode/move-stdlib.ts'
import { SUI_FRAMEWORK } from '../bytecode/sui-framework.ts'
import type { MoveVm } from './types.ts'

const bytecode = (modules: Readonly<Record<string, string>>): Uint8Array[] => Object.values(modules).map(fromBase64Url)

/** Publishes the part of the standard library (0x1) and the Sui framework (0x2) the localnet carries. */
export function publishFramework(vm: Pick<MoveVm, 'publish'>): void {
  vm.publish('0x1', bytecode(MOVE_STDLIB))
  vm.publish('0x2', bytecode(SUI_FRAMEWORK))
}

/** The compiled policy package of `contracts/move`, to be published under any package id. */
export function locketModules(): readonly Uint8Array[] {
  return bytecode(LOCKET)
}
