// The page's service worker: the page opens without a network, and says that it is offline. What is live is never kept.
// The build fills in the lists (../../vitePlugins.ts); a new build is a new worker.
const FIRST_FILES = ['__FIRST_FILES__']
const ALL_FILES = new Set(['__ALL_FILES__'])
const CACHE = 'page'
const PAGE = '/'
const SETTINGS = '/config.json'

self.addEventListener('install', (event) => {
  self.skipWaiting()
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll([PAGE, SETTINGS, ...FIRST_FILES])))
})

self.addEventListener('activate', (event) => {
  event.waitUntil(Promise.all([self.clients.claim(), forgetOldBuilds()]))
})

self.addEventListener('fetch', (event) => {
  const { origin, pathname } = new URL(event.request.url)
  if (event.request.method !== 'GET' || origin !== self.location.origin) return
  if (ALL_FILES.has(pathname)) event.respondWith(fromCache(event.request))
  else if (pathname === PAGE || pathname === SETTINGS) event.respondWith(fromNetwork(event.request, pathname))
})

/** The name of a file contains a hash of its content: it never changes. */
async function fromCache(request) {
  const kept = await caches.match(request)
  if (kept) return kept
  const response = await fetch(request)
  if (response.ok) await keep(request, response)
  return response
}

/** What is kept is for when there is no network. */
async function fromNetwork(request, key) {
  try {
    const response = await fetch(request)
    if (response.ok) await keep(key, response)
    return response
  } catch (failure) {
    const kept = await caches.match(key)
    if (!kept) throw failure
    return kept
  }
}

async function keep(key, response) {
  const copy = response.clone()
  await (await caches.open(CACHE)).put(key, copy)
}

async function forgetOldBuilds() {
  const cache = await caches.open(CACHE)
  const old = (await cache.keys()).filter(({ url }) => {
    const { pathname } = new URL(url)
    return pathname.startsWith('/assets/') && !ALL_FILES.has(pathname)
  })
  await Promise.all(old.map((request) => cache.delete(request)))
}
