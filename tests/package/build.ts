import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './package-info.ts'

/** Vitest's global setup: the package as it would be published lies in `dist` before any test of it runs. */
export default function setup(): void {
  const built = join(root, 'dist/index.js')
  if (existsSync(built) && statSync(built).mtimeMs > newestMs()) return
  const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', 'build'], { cwd: root, encoding: 'utf8' })
  if (status !== 0) throw new Error(`the build failed\n${stdout}\n${stderr}`)
}

/** When anything the build reads was last written; folders count too, so that a removed file is noticed. */
function newestMs(): number {
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).map((path) => join('src', path))
  return Math.max(...['package.json', 'tsconfig.json', 'tsconfig.build.json', ...sources].map((path) => statSync(join(root, path)).mtimeMs))
}
