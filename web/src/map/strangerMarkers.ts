import type { LatLon, Stranger } from '@nearbyfriends/client'
import type { Ground } from './ground'

/** Strangers as soft spots, one for each square that somebody is in: nobody is at its middle, and several may be in it. */
export class StrangerMarkers {
  private readonly layer = document.createElement('div')
  private readonly spots = new Map<string, { element: HTMLElement; place: LatLon }>()

  constructor(private readonly ground: Ground) {
    this.layer.className = 'strangers-layer'
    // They say no more than the line under the switch does.
    this.layer.setAttribute('aria-hidden', 'true')
    // Under the friends.
    ground.overlay.prepend(this.layer)
    ground.onMove(() => this.put())
  }

  show(people: Stranger[]): void {
    const squares = new Map<string, Stranger[]>()
    for (const person of people) {
      const square = `${person.lat} ${person.lon}`
      squares.set(square, [...(squares.get(square) ?? []), person])
    }
    for (const [square, inside] of squares) {
      const spot = this.spots.get(square) ?? this.create(square, inside[0]!)
      spot.element.textContent = inside.length > 1 ? String(inside.length) : ''
      spot.element.title = inside.map(({ name }) => name).join(', ')
    }
    for (const [square, { element }] of this.spots) {
      if (squares.has(square)) continue
      this.spots.delete(square)
      element.remove()
    }
    this.put()
  }

  remove(): void {
    this.layer.remove()
  }

  private create(square: string, { lat, lon }: LatLon): { element: HTMLElement; place: LatLon } {
    const element = document.createElement('span')
    element.className = 'stranger'
    this.layer.append(element)
    const spot = { element, place: { lat, lon } }
    this.spots.set(square, spot)
    return spot
  }

  private put(): void {
    for (const { element, place } of this.spots.values()) {
      const { x, y } = this.ground.project(place)
      element.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`
    }
  }
}
