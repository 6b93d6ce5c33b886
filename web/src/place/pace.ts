import { distanceBetween } from '../list/geo'
import type { OwnLocation } from '../protocol/messages'

/** Nobody sees more than this, and gateways take two a second at most. */
const SHORTEST_MS = 1_000
/** Closer than this to the last place that was sent is standing still. */
const STILL_METRES = 5
/** Of the time after which a friend is inactive; so often one who stands still says that they are there. */
const PRESENT_PART = 0.4

/** Which of a device's positions are worth sending. A page on a screen may be livelier than a phone in a pocket. */
export class Pace {
  private sent: OwnLocation | null = null

  constructor(public inactiveAfterMs: number) {}

  isDue(position: OwnLocation): boolean {
    const { sent } = this
    const due =
      !sent ||
      position.time - sent.time >= this.inactiveAfterMs * PRESENT_PART ||
      (position.time - sent.time >= SHORTEST_MS && distanceBetween(sent, position) >= STILL_METRES)
    if (due) this.sent = position
    return due
  }
}
