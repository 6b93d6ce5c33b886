import { existsSync, readFileSync } from 'node:fs'
import { defaultClientConditions, defaultServerConditions } from 'vite'
import { defineConfig } from 'vitest/config'
import { compressedFiles, mainPreload, scriptLimit, serviceWorker } from './vitePlugins.ts'

// `npm run dev` shows the page while one works on it, in front of the system that `./nearby run` has started.
const endpoints = new URL('../.nearby/endpoints.json', import.meta.url)
const api: string | undefined = existsSync(endpoints) ? JSON.parse(readFileSync(endpoints, 'utf8')).api : undefined

export default defineConfig({
  plugins: [mainPreload(), serviceWorker(), scriptLimit(350), compressedFiles()],
  // The client's source is built with the page's: from a fresh clone, one `npm ci` is enough.
  resolve: { conditions: ['source', ...defaultClientConditions], dedupe: ['vitest'] },
  // Tests resolve modules as a server would.
  ssr: { resolve: { conditions: ['source', ...defaultServerConditions] } },
  build: {
    target: 'es2022',
    // Each file is one that the Content-Security-Policy lets in by 'self'.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The map library is most of it, and cached for good.
    chunkSizeWarningLimit: 1500,
    rolldownOptions: {
      input: ['index.html', 'ops.html'],
      // Compressing takes most of the time, and is meant to.
      checks: { pluginTimings: false },
    },
  },
  server: {
    fs: { allow: ['..'] },
    ...(api ? { proxy: { '/config.json': api, '/v1': api } } : {}),
  },
  test: { include: ['src/**/*.test.ts', '../clients/typescript/test/**/*.test.ts'] },
})
