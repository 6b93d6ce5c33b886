import { distanceBetween } from './geo.ts'
import type { LatLon, OwnLocation } from './messages.ts'

/** While somebody may be looking; gateways accept two locations a second. */
const FOREGROUND_MS = 1_000
/** On screen a shorter way is standing still... */
const STILL_METRES = 5
/** ...and so is a way within the fix's own uncertainty, up to this one. */
const MOST_NOISE_METRES = 50
/** In the background, a shorter way or one within the uncertainty. */
const BACKGROUND_STILL_METRES = 25
/** Faster than most people run; such a device sends three times as often. */
const VEHICLE_METRES_PER_SECOND = 6
/** Speed is measured over at least this long: a shorter baseline measures the receiver's noise. */
const BASELINE_MS = 4_000
/** Of the time after which a friend is inactive; so often one who stands still says that they are there. */
const PRESENT_PART = 0.4

/**
 * Which of a device's positions are worth sending: of a mover at most one a second on screen, and in the background one each
 * `updateEveryMs` on foot, three in a vehicle; of who stands still just enough to stay present.
 */
export class Pace {
  /** In the background on foot: at most one location in this time. */
  updateEveryMs = 30_000
  background = false
  private sent: OwnLocation | null = null
  private measuredFrom: OwnLocation | null = null
  private metresPerSecond = 0

  constructor(public inactiveAfterMs: number) {}

  isDue(position: OwnLocation): boolean {
    this.measure(position)
    return this.isDueNow(position)
  }

  /** The same for the last position when time has passed: it says nothing new about the speed. */
  isDueNow(position: OwnLocation): boolean {
    if (this.sent !== null && position.time - this.sent.time < this.interval(this.sent, position)) return false
    this.sent = position
    return true
  }

  private interval(sent: LatLon, { accuracy = 0, ...position }: OwnLocation): number {
    const strayed = distanceBetween(sent, position)
    const still = this.inactiveAfterMs * PRESENT_PART
    if (!this.background) return strayed < Math.max(STILL_METRES, Math.min(accuracy, MOST_NOISE_METRES)) ? still : FOREGROUND_MS
    if (strayed <= Math.max(BACKGROUND_STILL_METRES, accuracy)) return still
    return this.metresPerSecond >= VEHICLE_METRES_PER_SECOND ? this.updateEveryMs / 3 : this.updateEveryMs
  }

  private measure(position: OwnLocation): void {
    const elapsed = this.measuredFrom ? position.time - this.measuredFrom.time : Infinity
    if (elapsed < BASELINE_MS) return
    if (this.measuredFrom) this.metresPerSecond = (distanceBetween(this.measuredFrom, position) * 1000) / elapsed
    this.measuredFrom = position
  }
}
