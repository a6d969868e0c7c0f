import { readFileSync } from 'node:fs'
import { compilePackage } from '../../../../contracts/package.mjs'
import { createMoveVm, type MoveVmOptions } from '../../../../src/localnet/move-vm/create-move-vm.ts'
import { publishFramework } from '../../../../src/localnet/move-vm/framework.ts'
import type { MoveVm } from '../../../../src/localnet/move-vm/types.ts'
import { numbersModule } from './numbers.ts'

/** The probe's sources, without any tests. */
export function probeSources(): Record<string, string> {
  return {
    'Move.toml': '[package]\nname = "probe"\nedition = "2024.beta"\n\n[addresses]\nprobe = "0x0"\n',
    'sources/probe.move': readFileSync(new URL('probe.move', import.meta.url), 'utf8'),
    'sources/numbers.move': numbersModule(),
  }
}

/** An interpreter with the framework, and the probe at 0x9b0be. */
export async function openProbe(options?: MoveVmOptions): Promise<MoveVm> {
  const vm = await createMoveVm(options)
  publishFramework(vm)
  vm.publish('0x9b0be', await compilePackage(probeSources()))
  return vm
}
