import type { LatLon } from '../protocol/messages'

/** Mean Earth radius R1 of the IUGG, metres; the gateway's own. */
const EARTH_RADIUS = 6_371_008.8
const RADIANS = Math.PI / 180

/** Straight-line distance in metres by the haversine formula (R. W. Sinnott, 1984). */
export function distanceBetween(a: LatLon, b: LatLon): number {
  const lat = Math.sin(((b.lat - a.lat) * RADIANS) / 2)
  const lon = Math.sin(((b.lon - a.lon) * RADIANS) / 2)
  const h = lat * lat + Math.cos(a.lat * RADIANS) * Math.cos(b.lat * RADIANS) * lon * lon
  return 2 * EARTH_RADIUS * Math.asin(Math.min(1, Math.sqrt(h)))
}

/** The place so many metres away in a direction (radians clockwise from north), on the sphere. */
export function destination(from: LatLon, metres: number, bearing: number): LatLon {
  const arc = metres / EARTH_RADIUS
  const lat1 = from.lat * RADIANS
  const lat2 = Math.asin(Math.sin(lat1) * Math.cos(arc) + Math.cos(lat1) * Math.sin(arc) * Math.cos(bearing))
  const lon = Math.atan2(Math.sin(bearing) * Math.sin(arc) * Math.cos(lat1), Math.cos(arc) - Math.sin(lat1) * Math.sin(lat2))
  return { lat: lat2 / RADIANS, lon: wrap(from.lon + lon / RADIANS) }
}

/** The direction from one place to another, radians clockwise from north. */
export function bearingTo(from: LatLon, to: LatLon): number {
  const lon = (to.lon - from.lon) * RADIANS
  const [lat1, lat2] = [from.lat * RADIANS, to.lat * RADIANS]
  return Math.atan2(Math.sin(lon) * Math.cos(lat2), Math.cos(lat1) * Math.sin(lat2) - Math.sin(lat1) * Math.cos(lat2) * Math.cos(lon))
}

/** Corners of a circle as a closed ring of [lon, lat], as GeoJSON wants it. */
export function circleRing(centre: LatLon, metres: number, corners = 96): [number, number][] {
  return Array.from({ length: corners + 1 }, (_, i) => {
    const { lat, lon } = destination(centre, metres, (2 * Math.PI * (i % corners)) / corners)
    // Around the antimeridian the ring must not jump to the other side of the map.
    return [centre.lon + wrap(lon - centre.lon), lat]
  })
}

function wrap(lon: number): number {
  return lon - 360 * Math.round(lon / 360)
}
