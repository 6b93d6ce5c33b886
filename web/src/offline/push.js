// Appended to the service worker (../../vitePlugins.ts): notices that are pushed while nobody looks at the page.
const LANGUAGE = '/language'
const TEXTS = {
  en: { alert: (name) => `${name} is near.`, friendRequest: (name) => `${name} wants to be friends with you.`, other: 'There is news.' },
  ko: { alert: (name) => `${name} 님이 가까이 있습니다.`, friendRequest: (name) => `${name} 님이 친구가 되고 싶어 합니다.`, other: '새로운 소식이 있습니다.' },
}

self.addEventListener('push', (event) => event.waitUntil(show(event.data?.json() ?? {})))

// The page tells the Api when it starts next: only it has a token.
self.addEventListener('pushsubscriptionchange', (event) => {
  if (event.oldSubscription) event.waitUntil(self.registration.pushManager.subscribe(event.oldSubscription.options))
})

self.addEventListener('notificationclick', (event) => {
  event.notification.close()
  event.waitUntil(open(event.notification.data))
})

/** Exactly one notice for each push, as browsers demand; one that is delivered again takes the place of the first. */
async function show({ type, id, friend, from, time }) {
  const texts = TEXTS[await language()] ?? TEXTS.en
  const [title, leadsTo] =
    type === 'alert' ? [texts.alert(friend.name), `#friend=${friend.id}`] : type === 'friendRequest' ? [texts.friendRequest(from.name), '#people'] : [texts.other, '']
  await self.registration.showNotification(title, { tag: `${type}:${id}`, icon: '/icon-192.png', timestamp: time, data: leadsTo })
}

/** In the page that is open, or in a new one. */
async function open(leadsTo) {
  const [page] = (await self.clients.matchAll({ type: 'window' })).filter(({ url }) => new URL(url).pathname === PAGE)
  if (!page) return self.clients.openWindow(PAGE + leadsTo)
  page.postMessage({ open: leadsTo })
  return page.focus()
}

/** The page's, which it keeps where a worker can read it. */
async function language() {
  return (await (await caches.match(LANGUAGE))?.text()) ?? 'en'
}
