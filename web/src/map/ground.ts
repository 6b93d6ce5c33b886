import type { LatLon } from '@nearbyfriends/client'

export interface Point {
  x: number
  y: number
}

/** A circle on the ground: the radius of the list, or the accuracy of a fix. */
export interface Circle {
  kind: 'radius' | 'accuracy'
  centre: LatLon
  metres: number
}

/** What lies under the markers: it knows where places are on the screen, and tells when that changes. */
export interface Ground {
  /** Where markers go: inside the map, so that wheel and touch reach it through them. */
  readonly overlay: HTMLElement
  /** The middle of what nothing covers, CSS pixels as `project` has them. */
  readonly middle: Point
  /** CSS pixels from the overlay's upper left corner; beyond the antimeridian beside what is shown, not a world away. */
  project(place: LatLon): Point
  unproject(point: Point): LatLon
  /** Called with every frame in which the map moves. */
  onMove(listener: () => void): void
  /** Called when somebody drags the map. */
  onDrag(listener: () => void): void
  /** Called where somebody taps the map. */
  onTap(listener: (place: LatLon) => void): void
  setCircles(circles: Circle[]): void
  /** Draws ways, each from its first place to its last; none: draws no way. */
  setTrack(ways: LatLon[][]): void
  /** Shows the whole circle, beside whatever covers the map. */
  fit(centre: LatLon, metres: number, animate: boolean): void
  /** Moves a place to the middle; `close` zooms in where streets cannot be told apart. */
  centreOn(place: LatLon, close: boolean): void
  zoomBy(steps: number): void
  /** Pixels of each side that something covers. */
  setPadding(padding: Padding): void
  setDark(dark: boolean): void
  remove(): void
}

export interface Padding {
  top: number
  right: number
  bottom: number
  left: number
}
