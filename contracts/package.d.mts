/** All files under `contracts/<folder>`, by path inside it. */
export function readPackage(folder: string): Record<string, string>
/** Compiles a vendored framework package; every module's bytecode. */
export function compileFramework(name: 'move-stdlib' | 'sui-framework'): Promise<Uint8Array[]>
/** Compiles the policy package, self address 0x0. */
export function compileLocket(): Promise<Uint8Array[]>
/** Compiles any package against the vendored framework, without its `tests/`. */
export function compilePackage(files: Record<string, string>): Promise<Uint8Array[]>
/** Runs a package's Move unit tests in the real Move VM. `files` defaults to the policy package. */
export function runMoveTests(files?: Record<string, string>): Promise<{ passed: boolean; output: string }>
