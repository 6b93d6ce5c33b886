import { expect, it } from 'vitest'
import { distanceBetween } from '@nearbyfriends/client'
import { readCity } from '../map/city'
import { Stroll, Streets } from './walk'

// One block, with a motorway across it.
const city = readCity({
  land: [], water: [], parks: [],
  nodes: [37.78, -122.41, 37.78, -122.4, 37.79, -122.4, 37.79, -122.41],
  roads: [{ class: 'street', nodes: [0, 1, 2, 3, 0] }, { class: 'motorway', nodes: [0, 2] }],
})

it('a stroll stays on the streets, and off the motorway', () => {
  const stroll = new Stroll({ lat: 37.78, lon: -122.41 }, new Streets(city), () => 0.5)
  for (let step = 0; step < 500; step++) {
    const { lat, lon } = stroll.advance(20)
    const onEdge = Math.min(Math.abs(lat - 37.78), Math.abs(lat - 37.79), Math.abs(lon + 122.41), Math.abs(lon + 122.4))
    expect(onEdge).toBeLessThan(1e-5)
  }
})

it('a step is as long as it should be', () => {
  const stroll = new Stroll({ lat: 37.78, lon: -122.406 }, new Streets(city))
  const from = stroll.place
  expect(distanceBetween(from, stroll.advance(10))).toBeCloseTo(10, 3)
})

it('far from any street one walks on all the same', () => {
  const seoul = { lat: 37.5665, lon: 126.978 }
  const stroll = new Stroll(seoul, new Streets(city), () => 0.3)
  expect(distanceBetween(seoul, stroll.advance(50))).toBeCloseTo(50, 3)
})
