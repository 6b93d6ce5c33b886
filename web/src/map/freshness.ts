/** How live a friend's position is: `fresh`, `minutes` old, or `fading`, soon to disappear. */
export type Freshness = 'fresh' | 'minutes' | 'fading'

const FRESH_PART = 0.2
const FADING_PART = 0.6

/** `age` and the time after which a friend is inactive, milliseconds; of the usual 10 minutes, 2 are fresh and from 6 on one fades. */
export function freshness(age: number, inactiveAfterMs: number): Freshness {
  const part = age / inactiveAfterMs
  return part < FRESH_PART ? 'fresh' : part < FADING_PART ? 'minutes' : 'fading'
}
