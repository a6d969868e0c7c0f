/** The generated files of `src/localnet/bytecode` as they should be: name to text. */
export function generate(): Promise<Record<string, string>>
