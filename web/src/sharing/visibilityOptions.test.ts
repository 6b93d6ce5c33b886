import type { ListedFriend } from '@nearbyfriends/client'
import { expect, it } from 'vitest'
import { countSeeing, optionValue, VISIBILITY_OPTIONS, visibilityOf } from './visibilityOptions'

const NOW = 1_764_000_000_000

it.each([
  ['exact', { shows: 'exact' }],
  ['nothing hour', { shows: 'nothing', until: NOW + 3_600_000 }],
  ['approximate quarter', { shows: 'approximate', until: NOW + 900_000 }],
  ['exact until=1764000000000', null],
])('%s is sent as %o', (value, visibility) => expect(visibilityOf(value, NOW)).toEqual(visibility))

it('each option has a value of its own', () => {
  expect(new Set(VISIBILITY_OPTIONS.map(optionValue)).size).toBe(12)
})

it('who is shown nothing does not count as somebody who sees one', () => {
  const friends = (['exact', 'approximate', 'nothing'] as const).map((shows, i): ListedFriend => ({ id: String(i), displayName: shows, since: 0, shows }))
  expect(countSeeing(friends)).toBe(2)
})
