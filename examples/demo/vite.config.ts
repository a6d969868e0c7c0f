import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

const here = fileURLToPath(new URL('.', import.meta.url))
const repository = fileURLToPath(new URL('../..', import.meta.url))

export default defineConfig({
  root: here,
  // The SDK is this repository's own package, outside the demo's folder.
  server: { fs: { allow: [repository] }, open: Boolean(process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY']) },
  worker: { format: 'es' },
  // The optimiser would move these away from the .wasm files beside them.
  optimizeDeps: { exclude: ['@locket/sdk', '@mysten/walrus-wasm', '@mysten/move-bytecode-template'] },
  build: {
    target: 'es2022',
    outDir: fileURLToPath(new URL('dist', import.meta.url)),
    emptyOutDir: true,
    // A data: URL would need an exception in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
})
