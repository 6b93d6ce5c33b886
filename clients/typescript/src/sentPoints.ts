import type { OwnLocation } from './messages.ts'

/** On screen 75 s of a mover, which is longer than a dead connection goes unnoticed there; in the background twelve minutes or more. */
const CAPACITY = 75
/** Longer than a message is under way. */
const UNDER_WAY_MS = 5_000

/**
 * Locations that went out on this connection and may not have arrived, oldest first. Gateways do not confirm them one by one, and a
 * network can swallow messages for most of a minute before the connection counts as dead. So each is kept until the gateway
 * is heard well after it was sent, by a clock that nobody corrects. One that is sent again although it had arrived does no harm:
 * gateways show the newest, and the history keeps two of the same time once.
 */
export class SentPoints {
  private points: { point: OwnLocation; sentAt: number }[] = []

  /** A point that goes out now. */
  add(point: OwnLocation): void {
    this.points = [...this.points, { point, sentAt: performance.now() }].slice(-CAPACITY)
  }

  /** The gateway said something. */
  heard(): void {
    const underWaySince = performance.now() - UNDER_WAY_MS
    this.points = this.points.filter(({ sentAt }) => sentAt > underWaySince)
  }

  /** All of them, which are kept no longer. */
  take(): OwnLocation[] {
    const points = this.points.map(({ point }) => point)
    this.points = []
    return points
  }
}
