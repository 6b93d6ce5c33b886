import type { LatLon } from './messages.ts'

/** Mean Earth radius R1 of the IUGG, metres; the gateway's own. */
export const EARTH_RADIUS = 6_371_008.8
const RADIANS = Math.PI / 180

/** Straight-line distance in metres by the haversine formula (R. W. Sinnott, 1984). */
export function distanceBetween(a: LatLon, b: LatLon): number {
  const lat = Math.sin(((b.lat - a.lat) * RADIANS) / 2)
  const lon = Math.sin(((b.lon - a.lon) * RADIANS) / 2)
  const h = lat * lat + Math.cos(a.lat * RADIANS) * Math.cos(b.lat * RADIANS) * lon * lon
  return 2 * EARTH_RADIUS * Math.asin(Math.min(1, Math.sqrt(h)))
}

/** The initial direction from one place to another, radians clockwise from north, -π to π. */
export function bearingTo(from: LatLon, to: LatLon): number {
  const lon = (to.lon - from.lon) * RADIANS
  const [lat1, lat2] = [from.lat * RADIANS, to.lat * RADIANS]
  return Math.atan2(Math.sin(lon) * Math.cos(lat2), Math.cos(lat1) * Math.sin(lat2) - Math.sin(lat1) * Math.cos(lat2) * Math.cos(lon))
}
