import type { PlaceProblem } from '../place/device'

/** What friends see of oneself now, as far as the page knows. */
export type SharingState = 'hidden' | 'shared' | 'elsewhere' | 'deviceSilent' | 'noPlace' | 'offline'

export interface SharingFacts {
  sharing: boolean
  isConnected: boolean
  hasPlace: boolean
  /** Another device of the user shares, not this one. */
  following: boolean
  problem: PlaceProblem | null
}

export function sharingState({ sharing, isConnected, hasPlace, following, problem }: SharingFacts): SharingState {
  if (!sharing) return 'hidden'
  if (following) return 'elsewhere'
  if (problem) return 'deviceSilent'
  if (!hasPlace) return 'noPlace'
  return isConnected ? 'shared' : 'offline'
}
