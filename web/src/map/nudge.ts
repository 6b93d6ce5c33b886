import type { Point } from './ground'

/** From the middle of oneself to that of a friend who is drawn beside: both can be seen and touched. */
const BESIDE_PIXELS = 30
/** Straight below, one's own name is between them. */
const NAME_PIXELS = 22

/** How far a marker at `at` moves so that it does not lie under one's own; null where it does not. */
export function besideSelf(at: Point, self: Point | null): Point | null {
  if (!self) return null
  const [dx, dy] = [at.x - self.x, at.y - self.y]
  const distance = Math.hypot(dx, dy)
  // Who stands exactly there goes up.
  const [ux, uy] = distance === 0 ? [0, -1] : [dx / distance, dy / distance]
  const missing = BESIDE_PIXELS + NAME_PIXELS * Math.max(0, uy) - distance
  return missing > 0 ? { x: ux * missing, y: uy * missing } : null
}

/** Where a marker at `at` is drawn. */
export function movedBesideSelf({ x, y }: Point, self: Point | null): Point {
  const shift = besideSelf({ x, y }, self)
  return { x: x + (shift?.x ?? 0), y: y + (shift?.y ?? 0) }
}
