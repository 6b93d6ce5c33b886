import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { CITIES } from './cities'
import { readWorld, unbroken } from './world'

const atlas = JSON.parse(readFileSync(new URL('../../node_modules/world-atlas/countries-50m.json', import.meta.url), 'utf8')) as Parameters<typeof readWorld>[0]
const nameAt = (language: string) => new Map(readWorld(atlas, language).names.features.map(({ properties, geometry }) => [properties.name, geometry.coordinates]))

it('countries have names in the reader’s language', () => {
  expect([...nameAt('en').keys()]).toEqual(expect.arrayContaining(['South Korea', 'Kenya', 'Brazil']))
  expect([...nameAt('ko').keys()]).toEqual(expect.arrayContaining(['대한민국', '케냐', '브라질']))
})

it('a name stands in the middle of the largest part of its country', () => {
  const [lon = 0, lat = 0] = nameAt('en').get('United States') ?? []
  expect([Math.abs(lon + 98) < 8, Math.abs(lat - 39) < 5]).toEqual([true, true])
})

it('no coast goes back around the world', () => {
  expect(unbroken([[179, 0], [-179, 0], [-179, 1], [179, 1], [179, 0]])).toEqual([[179, 0], [181, 0], [181, 1], [179, 1], [179, 0]])

  const jumps = readWorld(atlas, 'en').land.features.flatMap(({ geometry }) =>
    geometry.coordinates.flatMap((ring) => ring.filter(([lon = 0], i) => i > 0 && Math.abs(lon - (ring[i - 1]?.[0] ?? 0)) > 180)),
  )
  // The bottom of Antarctica alone, which is drawn below the map.
  expect(jumps.every(([, lat = 0]) => lat < -84)).toBe(true)
})

it('cities are on the earth, each named once in each language', () => {
  for (const { lat, lon } of CITIES) {
    expect(Math.abs(lat)).toBeLessThan(70)
    expect(Math.abs(lon)).toBeLessThanOrEqual(180)
  }
  expect(new Set(CITIES.map(({ en }) => en)).size).toBe(CITIES.length)
  expect(new Set(CITIES.map(({ ko }) => ko)).size).toBe(CITIES.length)
})
