import { loadMpc } from '../../../src/mpc/load-mpc.ts'
import type { OpenMpc } from '../../../src/mpc/port.ts'
import { mpcModule } from './real-world.ts'
import { createToyWorld } from './toy-world.ts'

/** Devices with the real core that meet without a relay: for what authentic messages do, and what devices keep. */
export async function createCoreWorld(names: readonly string[], around: (real: OpenMpc) => OpenMpc = (real) => real) {
  const wasm = await mpcModule()
  return createToyWorld(
    names,
    around(() => loadMpc({ wasm })),
  )
}

export type CoreWorld = Awaited<ReturnType<typeof createCoreWorld>>
