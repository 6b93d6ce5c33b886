import type { PlaceProblem } from '../place/device'

/** What friends see of oneself now, as far as the page knows. */
export type SharingState = 'hidden' | 'shared' | 'elsewhere' | 'deviceSilent' | 'noPlace' | 'starting' | 'offline'

export interface SharingFacts {
  sharing: boolean
  isConnected: boolean
  /** Whether there was a connection since the page was opened. */
  wasConnected: boolean
  hasPlace: boolean
  /** Another device of the user shares, not this one. */
  following: boolean
  problem: PlaceProblem | null
}

export function sharingState({ sharing, isConnected, wasConnected, hasPlace, following, problem }: SharingFacts): SharingState {
  if (!sharing) return 'hidden'
  if (following) return 'elsewhere'
  if (problem) return 'deviceSilent'
  if (!hasPlace) return 'noPlace'
  if (isConnected) return 'shared'
  return wasConnected ? 'offline' : 'starting'
}
