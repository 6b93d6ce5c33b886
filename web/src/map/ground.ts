import type { LatLon } from '@nearbyfriends/client'

export interface Point {
  x: number
  y: number
}

/** What lies under the markers: it knows where places are on the screen, and tells when that changes. */
export interface Ground {
  /** Where markers go: inside the map, so that wheel and touch reach it through them. */
  readonly overlay: HTMLElement
  /** CSS pixels from the overlay's upper left corner. */
  project(place: LatLon): Point
  unproject(point: Point): LatLon
  /** Called with every frame in which the map moves. */
  onMove(listener: () => void): void
  /** Called where somebody taps the map. */
  onTap(listener: (place: LatLon) => void): void
  /** The circle of the radius; null takes it away. */
  setCircle(centre: LatLon | null, metres: number): void
  /** Shows the whole circle, beside whatever covers the map. */
  fit(centre: LatLon, metres: number, animate: boolean): void
  panTo(place: LatLon): void
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
