import { expect, it } from 'vitest'
import { clusters } from './clusters'
import { besideSelf, movedBesideSelf } from './nudge'

const SELF = { x: 100, y: 100 }

it('who stands where one is oneself is drawn beside', () => {
  expect(besideSelf(SELF, SELF)).toEqual({ x: 0, y: -30 })
  expect(besideSelf({ x: 110, y: 100 }, SELF)).toEqual({ x: 20, y: 0 })
})

it('who stands below is drawn below the own name', () => {
  expect(besideSelf({ x: 100, y: 110 }, SELF)).toEqual({ x: 0, y: 42 })
  expect(besideSelf({ x: 100, y: 152 }, SELF)).toBeNull()
})

it('who stands apart is drawn in place', () => {
  expect(besideSelf({ x: 130, y: 100 }, SELF)).toBeNull()
  expect(besideSelf(SELF, null)).toBeNull()
})

it('who would cover another beside oneself is one count with them', () => {
  const [near, far] = [{ id: 'a', x: 100, y: 90 }, { id: 'b', x: 100, y: 53 }]
  expect(clusters([near, far], 36).length).toBe(2)
  expect(clusters([near, far].map((spot) => ({ ...spot, ...movedBesideSelf(spot, SELF) })), 36).length).toBe(1)
})
