import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root } from './package-info.ts'

type Snippet = { readonly from: string; readonly code: string; readonly isRunnable: boolean }

/** Fenced blocks of a page; those marked ` ```ts runnable ` are programs. */
function fenced(path: string): Snippet[] {
  const text = readFileSync(join(root, path), 'utf8')
  return [...text.matchAll(/^```ts( runnable)?\n([\s\S]*?)^```$/gm)].map(({ 1: mark, 2: code }, index) => ({
    from: `${path} block ${index + 1}`,
    code: code as string,
    isRunnable: mark !== undefined,
  }))
}

/** What follows `@example` in a doc comment, all of it a program. */
function examples(path: string): Snippet[] {
  const text = readFileSync(join(root, path), 'utf8')
  return [...text.matchAll(/@example\n([\s\S]*?)(?=^\s*\* @|\*\/)/gm)].map(({ 1: lines }, index) => ({
    from: `${path} example ${index + 1}`,
    code: (lines as string).replaceAll(/^\s*\* ?/gm, ''),
    isRunnable: true,
  }))
}

const below = (folder: string, ending: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(ending))
    .map((path) => `${folder}/${path}`)

const pages = ['README.md', 'SECURITY.md', 'CONTRIBUTING.md', 'contracts/README.md', 'wasm/README.md', ...below('src', '.md')]
const snippets = [...pages.flatMap(fenced), ...below('src', '.ts').flatMap(examples)]

describe('the documentation', () => {
  // Inside the package, where `@locket/sdk` means the package itself.
  const folder = join(root, '.reports/docs')
  const fileOf = (snippet: Snippet, ending: string) => join(folder, `${snippets.indexOf(snippet)}${ending}`)
  beforeAll(() => {
    mkdirSync(folder, { recursive: true })
    for (const snippet of snippets) writeFileSync(fileOf(snippet, '.mts'), `${snippet.code}\nexport {}\n`)
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('has examples, one of them on the first page', () => {
    expect(snippets.filter(({ from, isRunnable }) => isRunnable && from.startsWith('README.md'))).toHaveLength(1)
  })

  it('holds only code that the type checker accepts', () => {
    const program = ts.createProgram({
      rootNames: snippets.map((snippet) => fileOf(snippet, '.mts')),
      options: {
        strict: true,
        noEmit: true,
        skipLibCheck: true,
        target: ts.ScriptTarget.ES2022,
        module: ts.ModuleKind.NodeNext,
        lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
        types: ['node'],
      },
    })
    const complaints = ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
      const index = Number(file?.fileName.match(/(\d+)\.mts$/)?.[1])
      const line = file && start !== undefined ? file.getLineAndCharacterOfPosition(start).line + 1 : 0
      return `${snippets[index]?.from}, line ${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
    })
    expect(complaints).toEqual([])
  })

  it.each(snippets.filter(({ isRunnable }) => isRunnable))('holds a program that runs: $from', (snippet) => {
    const { outputText } = ts.transpileModule(snippet.code, {
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true },
    })
    writeFileSync(fileOf(snippet, '.mjs'), outputText)
    const { status, stderr } = spawnSync('node', [fileOf(snippet, '.mjs')], { cwd: root, encoding: 'utf8', timeout: 120_000 })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  })
})
