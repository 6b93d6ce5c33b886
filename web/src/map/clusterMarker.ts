import type { LatLon } from '@nearbyfriends/client'
import type { Ground, Point } from './ground'

/** Several friends in one place on the screen: how many. */
export class Cluster {
  at: Point = { x: 0, y: 0 }
  private readonly element = document.createElement('button')
  private ids: string[] = []
  private place: LatLon = { lat: 0, lon: 0 }
  private shifted: Point | null = null

  constructor(
    layer: HTMLElement,
    private readonly ground: Ground,
    onOpen: (ids: string[]) => void,
  ) {
    this.element.type = 'button'
    this.element.tabIndex = -1
    this.element.className = 'cluster'
    this.element.addEventListener('click', (event) => {
      event.stopPropagation()
      onOpen(this.ids)
    })
    layer.append(this.element)
  }

  /** The friend whose place it has; names it among the clusters. */
  get first(): string {
    return this.ids[0] ?? ''
  }

  show(ids: string[], place: LatLon, shifted: Point | null, title: string): void {
    this.ids = ids
    this.place = place
    this.shifted = shifted
    this.element.textContent = String(ids.length)
    this.element.title = title
    this.put()
  }

  put(): void {
    const { x, y } = this.ground.project(this.place)
    this.at = { x: x + (this.shifted?.x ?? 0), y: y + (this.shifted?.y ?? 0) }
    this.element.style.transform = `translate(${this.at.x.toFixed(1)}px, ${this.at.y.toFixed(1)}px)`
  }

  remove(): void {
    this.element.remove()
  }
}
