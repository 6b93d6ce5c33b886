import { expect, it } from 'vitest'
import type { World } from '../world/world'
import { LandShapes } from './landShapes'

const island = (west: number, east: number) => ({
  type: 'Feature' as const,
  properties: {},
  geometry: { type: 'Polygon' as const, coordinates: [[[west, 0], [east, 0], [east, 1], [west, 1], [west, 0]]] },
})
const world: World = { land: { type: 'FeatureCollection', features: [island(-180, -179), island(0, 1)] }, names: { type: 'FeatureCollection', features: [] } }
const shifts = (west: number, east: number, south = 0) => [...new LandShapes(world).within({ south, north: south + 1, west, east })].map(({ shift }) => shift)

it('only what is in view is drawn', () => {
  expect(shifts(-10, 10)).toEqual([0])
  expect(shifts(-10, 10, 40)).toEqual([])
})

it('an island beyond the antimeridian is drawn beside the view, not a world away', () => {
  expect(shifts(175, 185)).toEqual([360])
  expect(shifts(-185, -175)).toEqual([0])
})
