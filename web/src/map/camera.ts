import type { LatLon } from '@nearbyfriends/client'
import { signal } from '@preact/signals'
import type { Ground } from './ground'

/** Pixels from the middle within which oneself may move without the map moving along. */
const SLACK = 80

/** Keeps oneself in the middle of the map, until somebody drags the map or looks at something else. */
export class Camera {
  readonly follows = signal(true)

  constructor(private readonly ground: Ground) {
    ground.onDrag(() => (this.follows.value = false))
  }

  /** One has moved. */
  track(place: LatLon): void {
    if (!this.follows.peek()) return
    const { x, y } = this.ground.project(place)
    const { middle } = this.ground
    if (Math.hypot(x - middle.x, y - middle.y) > SLACK) this.ground.centreOn(place, false)
  }

  /** Shows somebody else. */
  lookAt(place: LatLon): void {
    this.follows.value = false
    this.ground.centreOn(place, true)
  }

  /** Shows a circle around somebody else. */
  frame(centre: LatLon, metres: number): void {
    this.follows.value = false
    this.ground.fit(centre, metres, true)
  }

  /** Oneself, from close by. */
  closeUp(place: LatLon): void {
    this.follows.value = true
    this.ground.centreOn(place, true)
  }

  /** Back to oneself and one's circle. */
  comeBack(centre: LatLon, metres: number): void {
    this.follows.value = true
    this.ground.fit(centre, metres, true)
  }
}
