import { signal } from '@preact/signals'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { friendsFirst } from './friendsFirst'

let isDue: ReturnType<typeof signal<boolean>>
let begun: boolean

beforeEach(async () => {
  vi.useFakeTimers()
  isDue = signal(true)
  begun = false
  void friendsFirst(() => isDue.value === true).then(() => (begun = true))
  await vi.advanceTimersByTimeAsync(4_000)
})
afterEach(() => void vi.useRealTimers())

it('the map waits for the list that is due', async () => {
  expect(begun).toBe(false)
  isDue.value = false
  await vi.advanceTimersByTimeAsync(0)
  expect(begun).toBe(true)
})

it('but not for long', async () => {
  await vi.advanceTimersByTimeAsync(1_000)
  expect(begun).toBe(true)
})
