import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository. */
export const root: string = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

type Manifest = {
  readonly version: string
  readonly exports: { readonly [subpath: string]: string | { readonly types: string; readonly default: string } }
  readonly peerDependencies: { readonly [name: string]: string }
}

export const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest

/** A way into the package that is code. */
export type Entry = {
  /** As a program imports it: `@locket/sdk/store`. */
  readonly specifier: string
  /** Built file, relative to the repository. */
  readonly file: string
}

export const entries: readonly Entry[] = Object.entries(manifest.exports).flatMap(([subpath, target]) =>
  typeof target === 'string' ? [] : [{ specifier: `@locket/sdk${subpath.slice(1)}`, file: target.default.slice(2) }],
)

/** The entries that are programs: they start when they are loaded, and export nothing. */
export const PROGRAMS: readonly string[] = ['@locket/sdk/worker', '@locket/sdk/mpc/worker']

/** The entries that are modules. */
export const modules: readonly Entry[] = entries.filter(({ specifier }) => !PROGRAMS.includes(specifier))

/** Source of a built file. */
export function sourceOf({ file }: Entry): string {
  return file.replace(/^dist\//, 'src/').replace(/\.js$/, '.ts')
}
