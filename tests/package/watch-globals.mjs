// Imports the module named on the command line and prints which globals our own files reached for while loading.
const specifier = process.argv[2]
const globals = ['fetch', 'indexedDB', 'localStorage', 'sessionStorage', 'navigator', 'caches', 'Worker', 'WebSocket', 'BroadcastChannel']
const timers = ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'requestAnimationFrame', 'WebAssembly', 'crypto', 'Date']
const touched = new Set()
const own = new URL('../../dist/', import.meta.url).href
// Loaded first, so that what they do is theirs: peers come with whoever installs them.
const peers = { '@locket/sdk/testkit/contract': ['vitest', 'fast-check'] }
for (const peer of peers[specifier] ?? []) await import(peer).catch(() => undefined)

for (const name of [...globals, ...timers]) {
  const value = globalThis[name]
  Object.defineProperty(globalThis, name, {
    configurable: true,
    get() {
      // The file that reaches is on the line after this getter's.
      if (new Error('trace').stack.split('\n')[2]?.includes(own)) touched.add(name)
      return value
    },
  })
}
await import(specifier)
console.log(JSON.stringify([...touched].sort((a, b) => (a < b ? -1 : 1))))
process.exit(0)
