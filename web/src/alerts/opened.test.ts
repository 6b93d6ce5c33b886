import { expect, it } from 'vitest'
import { openedBy } from './opened'

it.each([['#friend=42', { friend: '42' }], ['#people', { people: true }], ['', null], ['#friend=<x>', null]])('%s leads to %o', (hash, opened) => {
  expect(openedBy(hash)).toEqual(opened)
})
