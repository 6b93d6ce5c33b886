import { expect, it } from 'vitest'
import { Pace } from '../src/pace.ts'

const at = (seconds: number, metresNorth: number) => ({ lat: 37.788 + metresNorth / 111_195, lon: -122.4075, time: seconds * 1000 })

it('the first position goes out, and of a mover no more than one a second', () => {
  const pace = new Pace(600_000)
  expect([at(0, 0), at(0.5, 20), at(1, 40), at(1.9, 60), at(2, 80)].map((position) => pace.isDue(position))).toEqual([true, false, true, false, true])
})

it('within the uncertainty of the fix, nobody moves', () => {
  const pace = new Pace(600_000)
  const fix = (seconds: number, metres: number, accuracy: number) => ({ ...at(seconds, metres), accuracy })
  pace.isDue(fix(0, 0, 30))
  expect(pace.isDue(fix(10, 29, 30))).toBe(false)
  expect(pace.isDue(fix(20, 31, 30))).toBe(true)
})
