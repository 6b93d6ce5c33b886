import type { LatLon } from '@nearbyfriends/client'

/** An address that opens the device's own maps with the way to a place: Android and Apple have theirs, others get a website. */
export function directionsTo({ lat, lon }: LatLon, name: string, userAgent: string): string {
  const place = `${lat.toFixed(6)},${lon.toFixed(6)}`
  if (/Android/.test(userAgent)) return `geo:${place}?q=${place}(${encodeURIComponent(name)})`
  if (/iPhone|iPad|Macintosh/.test(userAgent)) return `https://maps.apple.com/?daddr=${place}`
  return `https://www.openstreetmap.org/directions?to=${encodeURIComponent(place)}`
}
