import { expect, it } from 'vitest'
import { windTo } from './direction'

it.each([[1, 0, 'n'], [1, 1, 'ne'], [0, 1, 'e'], [-1, 1, 'se'], [-1, 0, 's'], [-1, -1, 'sw'], [0, -1, 'w'], [1, -1, 'nw']])('%d° north and %d° east is %s', (lat, lon, wind) => {
  expect(windTo({ lat: 0, lon: 0 }, { lat, lon })).toBe(wind)
})

it('across the antimeridian the short way counts', () => {
  expect(windTo({ lat: 0, lon: 179.9 }, { lat: 0, lon: -179.9 })).toBe('e')
})
