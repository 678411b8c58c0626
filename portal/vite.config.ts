import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** The portal as `assay serve` serves it; during development `vite` asks the service at ASSAY_URL for everything else. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  resolve: { conditions: ['assay-source', 'module', 'browser', 'development|production'] },
  // The service puts a nonce of its own in its place in each answer: Mantine writes its colours into a <style>.
  html: { cspNonce: '__ASSAY_NONCE__' },
  // Browsers that know light-dark(), by which the colours follow the scheme.
  build: {
    target: 'es2024',
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    assetsInlineLimit: 0,
    sourcemap: false,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { '^/(v1|assay)/': process.env.ASSAY_URL ?? 'http://127.0.0.1:8787' } },
})
