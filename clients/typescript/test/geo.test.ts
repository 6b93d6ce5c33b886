import { describe, expect, it } from 'vitest'
import { distanceBetween } from '../src/geo.ts'

describe('distance', () => {
  it('from the equator to the pole is a quarter of the mean meridian', () => {
    expect(distanceBetween({ lat: 0, lon: 20 }, { lat: 90, lon: 0 })).toBeCloseTo((6_371_008.8 * Math.PI) / 2, 3)
  })

  it('is short across the antimeridian', () => {
    expect(distanceBetween({ lat: 0, lon: 179.9995 }, { lat: 0, lon: -179.9995 })).toBeCloseTo(111.195, 2)
  })
})
