import { ApiError, type NearbyApi } from '@nearbyfriends/client'
import { beforeEach, expect, it, vi } from 'vitest'
import { Push } from './push'

const subscription = { toJSON: () => ({ endpoint: 'https://push.example/1', keys: { p256dh: 'p', auth: 'a' } }) }
const pushManager = { subscribe: vi.fn(), getSubscription: vi.fn() }
const api = { pushKey: vi.fn(), addPushSubscription: vi.fn(), removePushSubscription: vi.fn() }
const notification = { permission: 'default', requestPermission: vi.fn() }

beforeEach(() => {
  vi.resetAllMocks()
  const kept = new Map<string, string>()
  vi.stubGlobal('localStorage', { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => kept.set(key, value) })
  vi.stubGlobal('navigator', { serviceWorker: { ready: Promise.resolve({ pushManager }) } })
  vi.stubGlobal('window', { PushManager: class {} })
  vi.stubGlobal('Notification', notification)
  notification.permission = 'default'
  notification.requestPermission.mockResolvedValue('granted')
  pushManager.subscribe.mockResolvedValue(subscription)
  pushManager.getSubscription.mockResolvedValue(subscription)
  api.pushKey.mockResolvedValue({ publicKey: 'the key' })
  api.addPushSubscription.mockResolvedValue({ id: '7' })
})

async function opened(): Promise<Push> {
  const push = new Push(api as unknown as NearbyApi, 'ada')
  await push.look()
  return push
}

it('who wants it is subscribed with the system’s key, stays so, and is unsubscribed by the same id', async () => {
  const push = await opened()
  expect(push.state.value).toBe('off')
  await push.begin()
  expect(pushManager.subscribe).toHaveBeenCalledWith({ userVisibleOnly: true, applicationServerKey: 'the key' })
  expect(api.addPushSubscription).toHaveBeenCalledWith(subscription.toJSON())

  const again = await opened()
  expect(again.state.value).toBe('on')
  await vi.waitFor(() => expect(api.addPushSubscription).toHaveBeenCalledTimes(2)) // the browser may have another one by now
  await again.end()
  expect(api.removePushSubscription).toHaveBeenCalledWith('7')
  expect((await opened()).state.value).toBe('off')
})

it('who closes the browser’s question is asked again another time; who says no is told where to allow it', async () => {
  const push = await opened()
  notification.requestPermission.mockResolvedValue('default')
  await push.begin()
  expect(push.state.value).toBe('off')
  notification.requestPermission.mockResolvedValue('denied')
  await push.begin()
  expect(push.state.value).toBe('denied')
  expect(pushManager.subscribe).not.toHaveBeenCalled()
})

it('a push service that refuses is no subscription', async () => {
  vi.spyOn(console, 'warn').mockImplementation(() => {})
  pushManager.subscribe.mockRejectedValueOnce(new DOMException('Registration failed', 'AbortError'))
  const push = await opened()
  await push.begin()
  expect(push.state.value).toBe('refused')
  expect(api.addPushSubscription).not.toHaveBeenCalled()
  await push.begin()
  expect(push.state.value).toBe('on')
})

it('nothing is offered where the browser or the system pushes nothing', async () => {
  api.pushKey.mockRejectedValue(new ApiError(404, 'not-found'))
  expect((await opened()).state.value).toBe('unavailable')
  vi.stubGlobal('window', {})
  expect((await opened()).state.value).toBe('unavailable')
})
