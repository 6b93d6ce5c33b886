import { expect, it } from 'vitest'
import { besideSelf } from './nudge'

const SELF = { x: 100, y: 100 }

it('who stands where one is oneself is drawn beside', () => {
  expect(besideSelf(SELF, SELF)).toEqual({ x: 0, y: -30 })
  expect(besideSelf({ x: 110, y: 100 }, SELF)).toEqual({ x: 20, y: 0 })
})

it('who stands apart is drawn in place', () => {
  expect(besideSelf({ x: 130, y: 100 }, SELF)).toBeNull()
  expect(besideSelf(SELF, null)).toBeNull()
})
