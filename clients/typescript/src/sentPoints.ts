import type { OwnLocation } from './messages.ts'

/** On screen a minute of a mover, which is longer than a dead connection goes unnoticed there; in the background ten or more. */
const CAPACITY = 60
/** Longer than a message is under way. */
const UNDER_WAY_MS = 5_000

/**
 * Locations that went out on this connection and may not have arrived, oldest first. Gateways do not confirm them one by one, and a
 * network can swallow messages for most of a minute before the connection counts as dead. So each is kept until the gateway
 * is heard well after it was sent. One that is sent again although it had arrived does no harm: gateways show the newest, and the
 * history keeps two of the same time once.
 */
export class SentPoints {
  private points: OwnLocation[] = []

  /** A point that goes out now, by its `time`. */
  add(point: OwnLocation): void {
    this.points = [...this.points, point].slice(-CAPACITY)
  }

  /** The gateway said something at `now`, on its clock. */
  heard(now: number): void {
    this.points = this.points.filter((point) => point.time > now - UNDER_WAY_MS)
  }

  /** All of them, which are kept no longer. */
  take(): OwnLocation[] {
    const points = this.points
    this.points = []
    return points
  }
}
