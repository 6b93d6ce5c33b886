import { expect, it } from 'vitest'
import { directionsTo } from './directions'

const PLACE = { lat: 37.788, lon: -122.4075 }

it.each([
  ['Mozilla/5.0 (Linux; Android 15)', 'geo:37.788000,-122.407500?q=37.788000,-122.407500(Ada%20L.)'],
  ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_0)', 'https://maps.apple.com/?daddr=37.788000,-122.407500'],
  ['Mozilla/5.0 (X11; Linux x86_64)', 'https://www.openstreetmap.org/directions?to=37.788000%2C-122.407500'],
])('%s opens %s', (userAgent, address) => {
  expect(directionsTo(PLACE, 'Ada L.', userAgent)).toBe(address)
})
