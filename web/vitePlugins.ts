import { readFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzipSync } from 'node:zlib'
import type { Plugin, Rolldown } from 'vite'

const worker = ['sw.js', 'push.js'].map((file) => new URL(`src/offline/${file}`, import.meta.url))

/** The best quality, 11, takes twice as long for 2 % less. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 10 } }

/** Writes the service worker (src/offline) with the files of this build that it keeps. */
export function serviceWorker(): Plugin {
  return {
    name: 'service-worker',
    apply: 'build',
    generateBundle(_, bundle) {
      const list = (files: string[]) => files.map((file) => `'/${file}'`).join(', ')
      const source = worker
        .map((file) => readFileSync(file, 'utf8'))
        .join('\n')
        .replace(`'__FIRST_FILES__'`, list(firstFiles(bundle)))
        .replace(`'__ALL_FILES__'`, list(Object.keys(bundle).filter((file) => file.startsWith('assets/'))))
      this.emitFile({ type: 'asset', fileName: 'sw.js', source })
    },
  }
}

/** Writes NAME.br beside every text in assets: the Api sends those as they are (NearbyFriends.Api/MapPage/CompressedFiles.cs). */
export function compressedFiles(): Plugin {
  return {
    name: 'compressed-files',
    apply: 'build',
    async writeBundle({ dir = '' }, bundle) {
      const texts = Object.keys(bundle).filter((name) => /^assets\/.*\.(js|mjs|css|json)$/.test(name))
      await Promise.all(texts.map(async (name) => {
        const path = join(dir, name)
        await writeFile(`${path}.br`, await promisify(brotliCompress)(await readFile(path), BROTLI))
      }))
    },
  }
}

/** Stops a build whose first page needs more script than `limit` kilobytes, compressed by gzip; workers run beside the page. */
export function scriptLimit(limit: number): Plugin {
  return {
    name: 'script-limit',
    apply: 'build',
    generateBundle(_, bundle) {
      const map = Object.values(bundle).find((file) => file.type === 'chunk' && file.name === 'mapLibreGround')
      const files = [...firstFiles(bundle), map?.fileName ?? ''].filter((file) => file.endsWith('.js'))
      const bytes = files.reduce((sum, file) => sum + gzipSync((bundle[file] as Rolldown.OutputChunk).code).length, 0)
      if (bytes > limit * 1000) this.error(`The first page needs ${Math.ceil(bytes / 1000)} kB of compressed script; the limit is ${limit}.`)
    },
  }
}

/** Has the browser load what `begin.ts` imports together with it. */
export function mainPreload(): Plugin {
  return {
    name: 'main-preload',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle, path }) {
        if (path !== '/index.html' || !bundle) return
        return firstFiles(bundle).filter((file) => !html.includes(file)).map((file) => ({
          tag: 'link',
          injectTo: 'head',
          attrs: { rel: file.endsWith('.css') ? 'stylesheet' : 'modulepreload', crossorigin: true, href: `/${file}` },
        }))
      },
    },
  }
}

/** The script and style that the page loads before it shows anything. */
function firstFiles(bundle: Rolldown.OutputBundle): string[] {
  const chunks = Object.values(bundle).filter((file) => file.type === 'chunk')
  const roots = chunks.filter(({ name, isEntry, isDynamicEntry }) => (isEntry && name === 'index') || (isDynamicEntry && name === 'main'))
  const first = chunks.filter((chunk) => roots.some((root) => chunk === root || root.imports.includes(chunk.fileName)))
  return first.flatMap((chunk) => [chunk.fileName, ...(chunk.viteMetadata?.importedCss ?? [])])
}
