import { expect, it } from 'vitest'
import { freshness } from './freshness'

const MINUTE = 60_000

it.each([[0, 'fresh'], [1.9, 'fresh'], [2, 'minutes'], [5.9, 'minutes'], [7, 'fading']])('after %d of ten minutes a friend is %s', (minutes, expected) => {
  expect(freshness(minutes * MINUTE, 10 * MINUTE)).toBe(expected)
})
