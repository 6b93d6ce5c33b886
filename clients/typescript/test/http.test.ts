import { afterEach, expect, it, vi } from 'vitest'
import { request } from '../src/http.ts'

afterEach(() => void vi.unstubAllGlobals())

it.each([
  ['7', 7_000],
  ['86400', 600_000],
  ['Fri, 27 Nov 2026 09:00:30 GMT', 30_000],
  ['Thu, 26 Nov 2026 09:00:00 GMT', 0],
  ['soon', 0],
])('a failure with Retry-After: %s says how long to wait, by the clock of the server', async (header, retryAfterMs) => {
  const headers = { 'retry-after': header, date: 'Fri, 27 Nov 2026 09:00:00 GMT' }
  vi.stubGlobal('fetch', () => Promise.resolve(new Response('', { status: 503, headers })))

  await expect(request('GET', 'https://api.example/v1/me')).rejects.toMatchObject({ status: 503, retryAfterMs })
})
