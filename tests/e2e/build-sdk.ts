import { spawnSync } from 'node:child_process'
import { copyFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Builds the SDK if its output is missing or older than its source, for pages that import it by its name. */
export function buildSdk(): void {
  if (newest('dist', '.js') >= newest('src', '.ts')) return
  const { status, stdout } = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'])
  if (status !== 0) throw new Error(`the SDK does not build:\n${String(stdout)}`)
  copyFileSync('src/mpc/mpc.wasm', 'dist/mpc/mpc.wasm')
}

/** When the newest file with this ending under `folder` was written; 0 if there is none. */
function newest(folder: string, ending: string): number {
  try {
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith(ending))
    return Math.max(0, ...files.map((file) => statSync(join(folder, file)).mtimeMs))
  } catch {
    return 0
  }
}
