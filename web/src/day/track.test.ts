import type { HistoryPoint } from '@nearbyfriends/client'
import { expect, it } from 'vitest'
import { circleAround, dayOf, dayRange, GAP_MS, placeAt, stretches } from './track'

const NOON = new Date(2026, 10, 27, 12).getTime()
const at = (seconds: number, lat: number, lon: number): HistoryPoint => ({ lat, lon, time: NOON + seconds * 1000 })

const walk = [at(0, 37.78, -122.4), at(60, 37.79, -122.4), at(60 + GAP_MS / 1000 + 1, 37.9, -122.4)]

it('a way is not drawn where nothing was told', () => {
  expect(stretches(walk).map((stretch) => stretch.length)).toEqual([2, 1])
  expect(stretches([])).toEqual([])
})

it.each([
  ['before the first point', -10, 37.78], ['on the way', 30, 37.785], ['at a point', 60, 37.79], ['in a gap', 600, 37.79], ['after the last point', 9_999, 37.9],
])('one is shown %s', (_, seconds, lat) => {
  expect(placeAt(walk, NOON + seconds * 1000)?.lat).toBeCloseTo(lat, 6)
})

it('a way across the antimeridian is the short one', () => {
  const sail = [at(0, -17, 179.9), at(60, -17, -179.9)]
  expect(Math.abs(placeAt(sail, NOON + 30_000)?.lon ?? 0)).toBeCloseTo(180, 6)
  expect(circleAround(sail)?.metres).toBeLessThan(11_000)
})

it('a circle holds every point, and there is none around nothing', () => {
  expect(circleAround(walk)?.metres).toBeCloseTo(6_672, -1)
  expect(circleAround([])).toBeNull()
})

it('a day is the reader’s own, also when the clocks change', () => {
  const { from, to } = dayRange('2026-11-27')
  expect([dayOf(from), dayOf(to), dayOf(to + 1)]).toEqual(['2026-11-27', '2026-11-27', '2026-11-28'])
})
