import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { cached, renewIn } from '../src/tokens.ts'

const jwt = (payload: object) => `h.${btoa(JSON.stringify(payload)).replace(/=+$/, '')}.s`

beforeEach(() => void vi.useFakeTimers({ now: 0 }))
afterEach(() => void vi.useRealTimers())

it('a token is to be replaced before the last fifth of its life', () => {
  expect(renewIn(jwt({ exp: 100 }), 0)).toBe(80_000)
  expect(renewIn(jwt({ exp: 100 }), 200_000)).toBe(0)
})

it.each(['opaque', 'a.b.c', jwt({})])('%s does not tell when it expires', (token) => expect(renewIn(token, 0)).toBeNull())

it('is asked for once, and anew when refused or near its end', async () => {
  let issued = 0
  const token = cached(() => Promise.resolve(jwt({ exp: Date.now() / 1000 + 100, n: ++issued })))
  await Promise.all([token(false), token(false)])
  expect(issued).toBe(1)
  await token(true)
  expect(issued).toBe(2)
  vi.setSystemTime(80_000)
  await token(false)
  expect(issued).toBe(3)
})

it('a failure is not kept', async () => {
  const issue = vi.fn().mockRejectedValueOnce(new Error('no')).mockResolvedValue('token')
  const token = cached(issue)
  await expect(token(false)).rejects.toThrow('no')
  await expect(token(false)).resolves.toBe('token')
})
