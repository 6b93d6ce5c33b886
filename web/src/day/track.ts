import { distanceBetween, type HistoryPoint, type LatLon } from '@nearbyfriends/client'
import { wrap } from '../geo/geo'

/** Where nothing was told for longer, nothing is known of the way between. */
export const GAP_MS = 15 * 60_000

/** The stretches of a day that are known, each without a gap. @param points Oldest first. */
export function stretches(points: HistoryPoint[]): HistoryPoint[][] {
  const all: HistoryPoint[][] = []
  for (const point of points) {
    const last = all.at(-1)
    const before = last?.at(-1)
    if (last && before && point.time - before.time <= GAP_MS) last.push(point)
    else all.push([point])
  }
  return all
}

/** Where somebody was at a time: on the way between two points, or at the last one where there is a gap. */
export function placeAt(points: HistoryPoint[], time: number): LatLon | null {
  const next = points.findIndex((point) => point.time > time)
  if (next === 0) return points[0] ?? null
  const before = points.at(next === -1 ? -1 : next - 1)
  const after = next === -1 ? undefined : points[next]
  if (!before) return null
  if (!after || after.time - before.time > GAP_MS) return { lat: before.lat, lon: before.lon }
  const part = (time - before.time) / (after.time - before.time)
  return { lat: before.lat + part * (after.lat - before.lat), lon: wrap(before.lon + part * wrap(after.lon - before.lon)) }
}

/** A circle that all points lie in; null where there are none. */
export function circleAround(points: HistoryPoint[]): { centre: LatLon; metres: number } | null {
  const [first] = points
  if (!first) return null
  const lats = points.map(({ lat }) => lat)
  const lons = points.map(({ lon }) => wrap(lon - first.lon))
  const middle = (values: number[]) => (Math.min(...values) + Math.max(...values)) / 2
  const centre = { lat: middle(lats), lon: wrap(first.lon + middle(lons)) }
  return { centre, metres: Math.max(...points.map((point) => distanceBetween(centre, point))) }
}

/** The first and the last millisecond of a day, written as "2026-11-27", where this browser is. */
export function dayRange(date: string): { from: number; to: number } {
  const [year = 0, month = 1, day = 1] = date.split('-').map(Number)
  return { from: new Date(year, month - 1, day).getTime(), to: new Date(year, month - 1, day + 1).getTime() - 1 }
}

/** The day of a time, as `dayRange` takes it. */
export function dayOf(time: number): string {
  const date = new Date(time)
  return `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, '0')}-${String(date.getDate()).padStart(2, '0')}`
}
