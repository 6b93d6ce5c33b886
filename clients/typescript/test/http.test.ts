import { afterEach, expect, it, vi } from 'vitest'
import { request } from '../src/http.ts'

afterEach(() => void vi.unstubAllGlobals())

it.each([
  ['7', 7_000],
  ['Fri, 27 Nov 2026 09:00:00 GMT', 0],
])('of a failure with Retry-After: %s the wait is a number', async (header, retryAfterMs) => {
  vi.stubGlobal('fetch', () => Promise.resolve(new Response('', { status: 503, headers: { 'retry-after': header } })))

  await expect(request('GET', 'https://api.example/v1/me')).rejects.toMatchObject({ status: 503, retryAfterMs })
})
