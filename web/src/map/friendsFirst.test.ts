import { signal } from '@preact/signals'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Session } from '../session/session'
import { friendsFirst } from './friendsFirst'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const connecting = () => ({
  welcome: signal<unknown>(null), place: signal<unknown>(null), following: signal(false), list: signal({ isOpen: false }),
})

/** Whether the map has begun to load, after each of `steps`. */
async function begins(session: ReturnType<typeof connecting>, ...steps: (() => void)[]): Promise<boolean[]> {
  let begun = false
  void friendsFirst(session as unknown as Session).then(() => (begun = true))
  const seen: boolean[] = []
  for (const step of [() => {}, ...steps]) {
    step()
    await vi.advanceTimersByTimeAsync(0)
    seen.push(begun)
  }
  return seen
}

it('the map waits for the list of who has said where they are', async () => {
  const session = connecting()
  expect(await begins(session, () => (session.place.value = {}), () => (session.welcome.value = {}), () => (session.list.value = { isOpen: true }))).toEqual([false, false, false, true])
})

it('the map does not wait where no list is due', async () => {
  const session = connecting()
  expect(await begins(session, () => (session.welcome.value = {}))).toEqual([false, true])
})

it('the map does not wait for long', async () => {
  expect(await begins(connecting(), () => vi.advanceTimersByTime(3_000))).toEqual([false, true])
})
