import type { FriendVisibility, ListedFriend, Visibility } from '@nearbyfriends/client'
import { DURATION_NAMES, DURATIONS, type Duration } from './durations'

export const LEVELS: Visibility[] = ['exact', 'approximate', 'nothing']

/** What a friend may be shown, and for how long: `null` without an end. */
export interface VisibilityOption {
  shows: Visibility
  lasts: Duration | null
}

/** Every choice: first without an end, then by duration. */
export const VISIBILITY_OPTIONS: VisibilityOption[] = [null, ...DURATION_NAMES].flatMap((lasts) => LEVELS.map((shows) => ({ shows, lasts })))

export function optionValue({ shows, lasts }: VisibilityOption): string {
  return lasts === null ? shows : `${shows} ${lasts}`
}

/** What the chosen option means at `now`, Unix milliseconds. */
export function visibilityOf(value: string, now: number): FriendVisibility | null {
  const option = VISIBILITY_OPTIONS.find((each) => optionValue(each) === value)
  if (!option) return null
  return { shows: option.shows, ...(option.lasts === null ? {} : { until: now + DURATIONS[option.lasts] }) }
}

/** How many friends see anything of the user. */
export function countSeeing(friends: ListedFriend[]): number {
  return friends.filter(({ shows }) => shows !== 'nothing').length
}
