import { EARTH_RADIUS, type LatLon } from '@nearbyfriends/client'

const RADIANS = Math.PI / 180

/** The place so many metres away in a direction (radians clockwise from north), on the sphere. */
export function destination(from: LatLon, metres: number, bearing: number): LatLon {
  const arc = metres / EARTH_RADIUS
  const lat1 = from.lat * RADIANS
  const lat2 = Math.asin(Math.sin(lat1) * Math.cos(arc) + Math.cos(lat1) * Math.sin(arc) * Math.cos(bearing))
  const lon = Math.atan2(Math.sin(bearing) * Math.sin(arc) * Math.cos(lat1), Math.cos(arc) - Math.sin(lat1) * Math.sin(lat2))
  return { lat: lat2 / RADIANS, lon: wrap(from.lon + lon / RADIANS) }
}

/** Corners of a circle as a closed ring of [lon, lat], as GeoJSON wants it. */
export function circleRing(centre: LatLon, metres: number, corners = 96): [number, number][] {
  return Array.from({ length: corners + 1 }, (_, i) => {
    const { lat, lon } = destination(centre, metres, (2 * Math.PI * (i % corners)) / corners)
    return [lonNear(lon, centre.lon), lat]
  })
}

/** The longitude in -180..180 degrees. */
export function wrap(lon: number): number {
  return lon - 360 * Math.round(lon / 360)
}

/**
 * The copy of a longitude that is at most 180 degrees from another one: on a map around `reference` a place beyond the
 * antimeridian then lies beside it, not on the other side of the world.
 */
export function lonNear(lon: number, reference: number): number {
  return reference + wrap(lon - reference)
}
