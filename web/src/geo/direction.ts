import { bearingTo, type LatLon } from '@nearbyfriends/client'

/** The eight winds, clockwise from north. */
export const WINDS = ['n', 'ne', 'e', 'se', 's', 'sw', 'w', 'nw'] as const

export type Wind = (typeof WINDS)[number]

export function windTo(from: LatLon, to: LatLon): Wind {
  const eighths = Math.round((bearingTo(from, to) / (2 * Math.PI)) * 8)
  return WINDS[(eighths + 8) % 8] as Wind
}
