import { destination } from '../geo/geo'
import type { LatLon } from '@nearbyfriends/client'
import type { Ground, Point } from './ground'

const STEP_METRES = 50
const LONG_STEP_METRES = 250
const DIRECTIONS: Record<string, number> = { ArrowUp: 0, ArrowRight: Math.PI / 2, ArrowDown: Math.PI, ArrowLeft: -Math.PI / 2 }

/** Oneself on the map: dragged by mouse or finger, moved by arrow keys. */
export class SelfMarker {
  private readonly element = document.createElement('button')
  private place: LatLon | null = null
  private draggable = false
  private grip: Point | null = null

  constructor(
    private readonly ground: Ground,
    private readonly onMoved: (place: LatLon) => void,
  ) {
    this.element.type = 'button'
    this.element.className = 'self-marker'
    this.element.innerHTML = '<span class="self-dot"></span><span class="self-label"></span>'
    this.element.hidden = true
    ground.overlay.append(this.element)
    ground.onMove(() => this.put())

    // The map must not move along.
    for (const name of ['mousedown', 'touchstart', 'click', 'dblclick']) this.element.addEventListener(name, (event) => event.stopPropagation())
    this.element.addEventListener('pointerdown', (event) => this.grab(event))
    this.element.addEventListener('pointermove', (event) => this.drag(event))
    this.element.addEventListener('pointerup', () => this.release())
    this.element.addEventListener('pointercancel', () => this.release())
    this.element.addEventListener('keydown', (event) => this.step(event))
  }

  get isDragged(): boolean {
    return this.grip !== null
  }

  show(place: LatLon | null, draggable: boolean, name: string, label: string): void {
    this.place = place
    this.draggable = draggable
    this.element.hidden = !place
    this.element.classList.toggle('draggable', draggable)
    this.element.setAttribute('aria-label', label)
    if (this.element.lastElementChild) this.element.lastElementChild.textContent = name
    this.put()
  }

  remove(): void {
    this.element.remove()
  }

  private put(): void {
    if (!this.place) return
    const { x, y } = this.ground.project(this.place)
    this.element.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`
  }

  private grab(event: PointerEvent): void {
    if (!this.draggable || !this.place) return
    this.element.setPointerCapture(event.pointerId)
    const at = this.ground.project(this.place)
    this.grip = { x: event.clientX - at.x, y: event.clientY - at.y }
    this.element.classList.add('dragging')
  }

  private drag(event: PointerEvent): void {
    if (!this.grip) return
    this.onMoved(this.ground.unproject({ x: event.clientX - this.grip.x, y: event.clientY - this.grip.y }))
  }

  private release(): void {
    this.grip = null
    this.element.classList.remove('dragging')
  }

  private step(event: KeyboardEvent): void {
    const direction = DIRECTIONS[event.key]
    if (direction === undefined || !this.draggable || !this.place) return
    event.preventDefault()
    event.stopPropagation()
    this.onMoved(destination(this.place, event.shiftKey ? LONG_STEP_METRES : STEP_METRES, direction))
  }
}
