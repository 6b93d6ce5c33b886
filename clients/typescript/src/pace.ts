import { distanceBetween } from './geo.ts'
import type { OwnLocation } from './messages.ts'

/** While somebody may be looking; gateways accept two locations a second. */
const FOREGROUND_MS = 1_000
/** A shorter way is standing still... */
const STILL_METRES = 5
/** ...and so is a way within the fix's own uncertainty, up to this one. */
const MOST_NOISE_METRES = 50
/** Of the time after which a friend is inactive; so often one who stands still says that they are there. */
const PRESENT_PART = 0.4

/**
 * Which of a device's positions are worth sending: of a mover at most one a second, in the background one each
 * `backgroundMs`; of who stands still just enough to stay present.
 */
export class Pace {
  /** In the background: at most one location in this time. */
  backgroundMs = 30_000
  background = false
  private sent: OwnLocation | null = null

  constructor(public inactiveAfterMs: number) {}

  isDue(position: OwnLocation): boolean {
    const due = this.sent === null || this.isStale(this.sent, position) || this.hasMoved(this.sent, position)
    if (due) this.sent = position
    return due
  }

  private isStale(sent: OwnLocation, position: OwnLocation): boolean {
    return position.time - sent.time >= this.inactiveAfterMs * PRESENT_PART
  }

  private hasMoved(sent: OwnLocation, position: OwnLocation): boolean {
    const noise = Math.max(STILL_METRES, Math.min(position.accuracy ?? 0, MOST_NOISE_METRES))
    return position.time - sent.time >= (this.background ? this.backgroundMs : FOREGROUND_MS) && distanceBetween(sent, position) >= noise
  }
}
