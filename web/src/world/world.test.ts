import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { CITIES } from './cities'
import { readWorld } from './world'

const atlas = JSON.parse(readFileSync(new URL('../../node_modules/world-atlas/countries-50m.json', import.meta.url), 'utf8')) as Parameters<typeof readWorld>[0]

it('countries have names in the reader’s language', () => {
  const names = (language: string) => readWorld(atlas, language).features.map(({ properties }) => properties.country)
  expect(names('en')).toEqual(expect.arrayContaining(['South Korea', 'Kenya', 'Brazil']))
  expect(names('ko')).toEqual(expect.arrayContaining(['대한민국', '케냐', '브라질']))
})

it('cities are on the earth, each named once in each language', () => {
  for (const { lat, lon } of CITIES) {
    expect(Math.abs(lat)).toBeLessThan(70)
    expect(Math.abs(lon)).toBeLessThanOrEqual(180)
  }
  expect(new Set(CITIES.map(({ en }) => en)).size).toBe(CITIES.length)
  expect(new Set(CITIES.map(({ ko }) => ko)).size).toBe(CITIES.length)
})
