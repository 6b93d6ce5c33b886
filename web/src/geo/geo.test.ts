import { distanceBetween } from '@nearbyfriends/client'
import { describe, expect, it } from 'vitest'
import { circleRing, destination, lonNear, wrap } from './geo'

describe('longitudes', () => {
  it.each([[179.9, -179.9, 180.1], [-179.9, 179.9, -180.1], [10, 20, 20], [-122, 127, -233]])('on a map around %d, %d lies at %d', (reference, lon, at) => {
    expect(lonNear(lon, reference)).toBeCloseTo(at, 9)
  })

  it('wrap into half a turn either way', () => {
    expect([wrap(190), wrap(-190), wrap(360)]).toEqual([-170, 170, 0])
  })
})

it('a circle around the antimeridian does not jump to the other side of the map', () => {
  const lons = circleRing({ lat: 0, lon: 179.99 }, 8047).map(([lon]) => lon)
  expect(Math.max(...lons) - Math.min(...lons)).toBeLessThan(0.2)
})

it('a destination is as far away as asked for', () => {
  const from = { lat: 60, lon: 179.9 }
  expect(distanceBetween(from, destination(from, 20_000, 1.2))).toBeCloseTo(20_000, 3)
})
