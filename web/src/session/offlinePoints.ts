import { POINTS_PER_MESSAGE, type OwnLocation } from '../protocol/messages'

const CAPACITY = 500
const DAY_MS = 24 * 60 * 60 * 1000

/** Locations waiting for a connection; when it is full, the oldest give way. */
export class OfflinePoints {
  private points: OwnLocation[] = []

  add(point: OwnLocation): void {
    this.points.push(point)
    if (this.points.length > CAPACITY) this.points.shift()
  }

  /** Everything that gateways still take, in messages' worth, oldest first; nothing remains. */
  take(now: number): OwnLocation[][] {
    const points = this.points.filter((point) => now - point.time < DAY_MS)
    this.points = []
    return Array.from({ length: Math.ceil(points.length / POINTS_PER_MESSAGE) }, (_, i) =>
      points.slice(i * POINTS_PER_MESSAGE, (i + 1) * POINTS_PER_MESSAGE),
    )
  }
}
