/** How one test function ended in the real Move VM, or one call in the interpreter. */
export type Verdict = { readonly error: string; readonly module: string }

/** Reads from the test runner's output how every failed test function ended. */
export function readVerdicts(output: string): ReadonlyMap<string, Verdict> {
  // Without this line the tests were not run at all: what there is instead are the compiler's errors.
  if (!output.includes('Test result:')) throw new Error(output)
  const verdicts = new Map<string, Verdict>()
  for (const section of output.split('┌── ').slice(1)) {
    const name = /^\w+/.exec(section)?.[0] ?? ''
    const match = /it (?:aborted with code (\d+)|gave an? (\w+) (?:operation )?error.*?) originating in the module \w+::(\w+)/.exec(section)
    if (match === null) throw new Error(`unreadable verdict of ${name}:\n${section}`)
    const [, code, kind, module = ''] = match
    verdicts.set(name, { error: code ?? (kind === 'vector' ? 'VECTOR_OPERATION_ERROR' : `${kind?.toUpperCase()}_ERROR`), module })
  }
  return verdicts
}
