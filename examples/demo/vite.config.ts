import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

const here = fileURLToPath(new URL('.', import.meta.url))
const repository = fileURLToPath(new URL('../..', import.meta.url))

export default defineConfig({
  root: here,
  // The SDK is this repository's own package, outside the demo's folder.
  server: { fs: { allow: [repository] }, open: Boolean(process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY']) },
  worker: { format: 'es' },
  // All but two of these packages are ESM already. The optimiser would reload the page whenever a lazily loaded package is first met,
  // and move code away from the .wasm files beside it.
  optimizeDeps: { noDiscovery: true, include: ['@mysten/sui > poseidon-lite', '@mysten/walrus > dataloader'] },
  build: {
    target: 'es2022',
    outDir: fileURLToPath(new URL('dist', import.meta.url)),
    rolldownOptions: { input: ['index.html', 'keys.html', 'device.html'].map((page) => here + page) },
    emptyOutDir: true,
    // A data: URL would need an exception in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
})
