// Installs the packages and builds the page, each only if it has to be. `dotnet build` calls this, perhaps from several
// builds at once: whoever comes second waits, and finds the work done. Exits with 0 when packages cannot be fetched, for
// the rest of the system does not need the page; with an error when the page itself does not build.
import { execSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const folder = dirname(fileURLToPath(import.meta.url))
const city = join(folder, '..', 'tools', 'NearbyFriends.Simulator', 'Walking', 'san-francisco.json')
const lock = join(folder, '.build.lock')
const built = join(folder, 'dist', '.built')
const installed = join(folder, 'node_modules', '.nearby-lock-hash')

await takeLock()
try {
  if (install()) build()
} finally {
  unlinkSync(lock)
}

/** The file exists while somebody builds, and holds the builder's process id. */
async function takeLock() {
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' })
      return
    } catch (failure) {
      if (failure.code !== 'EEXIST') throw failure
    }
    removeIfLeftBehind()
    await delay(200)
  }
}

function removeIfLeftBehind() {
  try {
    const owner = Number(readFileSync(lock, 'utf8'))
    // Written in two steps: an empty file is one that is just being taken, unless it stays so.
    if (owner > 0 ? !runs(owner) : Date.now() - statSync(lock).mtimeMs > 5000) unlinkSync(lock)
  } catch (failure) {
    if (failure.code !== 'ENOENT') throw failure
  }
}

function runs(id) {
  try {
    process.kill(id, 0)
    return true
  } catch (failure) {
    return failure.code === 'EPERM'
  }
}

function install() {
  const hash = createHash('sha256').update(readFileSync(join(folder, 'package-lock.json'))).digest('hex')
  if (existsSync(installed) && readFileSync(installed, 'utf8') === hash) return true
  try {
    execSync('npm ci --no-progress', { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  } catch (failure) {
    console.log(`Without the map page: npm could not fetch its packages (${lastLine(failure.stderr)}).`)
    return false
  }
  writeFileSync(installed, hash)
  return true
}

function build() {
  if (existsSync(built) && statSync(built).mtimeMs > newestSource()) return

  // Beside the old one until it is whole.
  const draft = join(folder, 'dist-new')
  try {
    execSync('npm run --silent build -- --logLevel warn --outDir dist-new --emptyOutDir', { cwd: folder, stdio: 'inherit' })
  } catch {
    // It has said why.
    process.exitCode = 1
    return
  }
  writeFileSync(join(draft, '.built'), '')
  rmSync(join(folder, 'dist'), { recursive: true, force: true })
  renameSync(draft, join(folder, 'dist'))
}

function newestSource() {
  const files = [
    ...readdirSync(folder).map((name) => join(folder, name)),
    ...['src', 'public', join('..', 'clients', 'typescript', 'src')].flatMap((name) =>
      readdirSync(join(folder, name), { recursive: true }).map((path) => join(folder, name, path))),
    city,
  ]
  return Math.max(...files.filter((file) => existsSync(file) && statSync(file).isFile()).map((file) => statSync(file).mtimeMs))
}

function lastLine(output) {
  const lines = String(output ?? '').trim().split('\n').filter((line) => !line.includes('debug-0.log'))
  return lines.at(-1)?.replace(/^npm (error|ERR!) ?/, '') || 'is npm installed?'
}
