import { expect, it } from 'vitest'
import { hideOverlaps, isCovered } from './labels'

const at = (x: number, y: number, text = 'Ada L.', first = false) => ({ x, y, text, first })

it('names that stand apart are all shown', () => {
  expect(hideOverlaps([at(0, 0), at(200, 0), at(0, 100)])).toEqual([false, false, false])
})

it('of two names in one place the nearer friend keeps theirs', () => {
  expect(hideOverlaps([at(0, 0), at(40, 4)])).toEqual([false, true])
})

it('the chosen friend is always named', () => {
  expect(hideOverlaps([at(0, 0), at(40, 4, 'Grace H.', true)])).toEqual([true, false])
})

it('a name covers nobody else', () => {
  expect(hideOverlaps([at(0, 0), at(0, 25)])).toEqual([true, false])
})

it('a name below is covered by a marker that stands there, and above it is not', () => {
  const label = at(0, 0)
  expect(isCovered(label, { x: 20, y: 25 })).toBe(true)
  expect(isCovered({ ...label, above: true }, { x: 20, y: 25 })).toBe(false)
})

it('a name that is above its marker covers no name below it', () => {
  expect(hideOverlaps([{ ...at(0, 60), above: true }, at(0, 0)])).toEqual([false, true])
})
