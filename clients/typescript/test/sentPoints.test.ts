import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { SentPoints } from '../src/sentPoints.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('of what went out the last 75 are kept', () => {
  const sent = new SentPoints()
  for (let time = 1; time <= 85; time++) sent.add({ lat: 1, lon: 0, time })

  const points = sent.take()

  expect([points.length, points[0]?.time, points.at(-1)?.time]).toEqual([75, 11, 85])
  expect(sent.take()).toEqual([])
})
