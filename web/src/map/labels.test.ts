import { expect, it } from 'vitest'
import { hideOverlaps } from './labels'

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
