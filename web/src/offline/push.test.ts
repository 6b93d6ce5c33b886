import { readFileSync } from 'node:fs'
import { beforeEach, expect, it, vi } from 'vitest'

type Listener = (event: object) => void

const source = readFileSync(new URL('push.js', import.meta.url), 'utf8')
const shown: { title: string; options: NotificationOptions }[] = []
const page = { url: 'https://page.example/?lang=ko', postMessage: vi.fn(), focus: vi.fn() }
let listeners: Record<string, Listener>
let pages: object[]
let language: string | undefined
const openWindow = vi.fn()

beforeEach(() => {
  shown.length = 0
  listeners = {}
  pages = [page]
  language = undefined
  vi.clearAllMocks()
  const self = {
    addEventListener: (name: string, listener: Listener) => (listeners[name] = listener),
    registration: { showNotification: (title: string, options: NotificationOptions) => void shown.push({ title, options }) },
    clients: { matchAll: () => Promise.resolve(pages), openWindow },
  }
  const caches = { match: () => Promise.resolve(language === undefined ? undefined : new Response(language)) }
  new Function('self', 'caches', 'PAGE', source)(self, caches, '/')
})

/** What the worker does about an event, to its end. */
async function happens(name: string, event: object): Promise<void> {
  let done: unknown
  listeners[name]?.({ ...event, waitUntil: (work: unknown) => (done = work) })
  await done
}

const pushed = (message: object) => happens('push', { data: { json: () => message } })

it.each([
  [{ type: 'alert', id: 'a', friend: { id: '42', name: 'Bo' }, distance: 90 }, 'Bo is near.', 'alert:a', '#friend=42'],
  [{ type: 'friendRequest', id: 'r', from: { id: '42', name: 'Bo' } }, 'Bo wants to be friends with you.', 'friendRequest:r', '#people'],
  [{ type: 'of the future', id: 'x' }, 'There is news.', 'of the future:x', ''],
])('%o is one notice', async (message, title, tag, data) => {
  await pushed(message)
  expect(shown).toEqual([{ title, options: expect.objectContaining({ tag, data }) }])
})

it('a notice is in the page’s language', async () => {
  language = 'ko'
  await pushed({ type: 'alert', id: 'a', friend: { id: '42', name: 'Bo' } })
  expect(shown[0]?.title).toBe('Bo 님이 가까이 있습니다.')
})

it('a click leads to the page that is open, else to a new one', async () => {
  const notification = { close: vi.fn(), data: '#friend=42' }
  await happens('notificationclick', { notification })
  expect(page.postMessage).toHaveBeenCalledWith({ open: '#friend=42' })
  expect(page.focus).toHaveBeenCalled()
  expect(openWindow).not.toHaveBeenCalled()

  pages = [{ url: 'https://page.example/ops' }]
  await happens('notificationclick', { notification })
  expect(openWindow).toHaveBeenCalledWith('/#friend=42')
  expect(notification.close).toHaveBeenCalledTimes(2)
})
