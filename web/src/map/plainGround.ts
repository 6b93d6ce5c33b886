import type { LatLon } from '@nearbyfriends/client'
import { lonNear, wrap } from '../geo/geo'
import type { World } from '../world/world'
import { cityBounds, type Area, type City, type RoadClass } from './city'
import type { Circle, Ground, Padding, Point } from './ground'
import { LandShapes } from './landShapes'
import { palette } from './palette'

const ROAD_WIDTH: Record<RoadClass, number> = { motorway: 2.5, bridge: 2.5, tunnel: 0, arterial: 1.4, street: 0.5, path: 0 }
/** Metres of one degree of latitude. */
const METRES_PER_DEGREE = 111_195
/** Pixels a degree of latitude from which on streets can be told apart. */
const CLOSE_SCALE = 12_000
/** A pointer that moved less has tapped. */
const DRAG_PIXELS = 4

interface View {
  centre: LatLon
  /** Pixels a degree of latitude. */
  scale: number
}

export interface PlainGroundOptions {
  container: HTMLElement
  city: City | null
  dark: boolean
  centre: LatLon
  /** Pixels a degree of latitude. */
  scale: number
  loadWorld(): Promise<World | null>
}

/** The same ground without WebGL: a picture on a 2D canvas, in the equirectangular projection around its middle. */
export class PlainGround implements Ground {
  readonly overlay: HTMLElement
  private readonly canvas = document.createElement('canvas')
  private readonly moved: (() => void)[] = []
  private readonly dragged: (() => void)[] = []
  private readonly tapped: ((place: LatLon) => void)[] = []
  private readonly resizing: ResizeObserver
  private readonly city: City | null
  private land: LandShapes | null = null
  private dark: boolean
  private view: View
  private padding: Padding = { top: 0, right: 0, bottom: 0, left: 0 }
  private circles: Circle[] = []
  private track: LatLon[][] = []
  private frame = 0

  constructor({ container, city, dark, centre, scale, loadWorld }: PlainGroundOptions) {
    this.overlay = container
    this.city = city
    this.dark = dark
    this.view = { centre, scale }
    this.canvas.className = 'plain-ground'
    container.append(this.canvas)
    this.resizing = new ResizeObserver(() => this.draw())
    this.resizing.observe(container)
    this.listen()
    void loadWorld().then((world) => {
      if (!world) return
      this.land = new LandShapes(world)
      this.draw()
    })
  }

  get middle(): Point {
    const { top, right, bottom, left } = this.padding
    return { x: (this.overlay.clientWidth + left - right) / 2, y: (this.overlay.clientHeight + top - bottom) / 2 }
  }

  project({ lat, lon }: LatLon): Point {
    return this.at(lat, lonNear(lon, this.view.centre.lon))
  }

  unproject({ x, y }: Point): LatLon {
    const { centre, scale } = this.view
    return { lat: centre.lat - (y - this.middle.y) / scale, lon: wrap(centre.lon + (x - this.middle.x) / (scale * this.narrowing)) }
  }

  onMove(listener: () => void): void {
    this.moved.push(listener)
  }

  onDrag(listener: () => void): void {
    this.dragged.push(listener)
  }

  onTap(listener: (place: LatLon) => void): void {
    this.tapped.push(listener)
  }

  setCircles(circles: Circle[]): void {
    this.circles = circles
    this.draw()
  }

  setTrack(ways: LatLon[][]): void {
    this.track = ways
    this.draw()
  }

  fit(centre: LatLon, metres: number): void {
    const { clientWidth, clientHeight } = this.overlay
    const { top, right, bottom, left } = this.padding
    const free = Math.max(100, Math.min(clientWidth - left - right, clientHeight - top - bottom) - 24)
    this.show({ centre, scale: (free / 2 / metres) * METRES_PER_DEGREE })
  }

  centreOn(centre: LatLon, close: boolean): void {
    this.show({ centre, scale: close ? Math.max(this.view.scale, CLOSE_SCALE) : this.view.scale })
  }

  zoomBy(steps: number): void {
    this.show({ ...this.view, scale: this.view.scale * 2 ** steps })
  }

  setPadding(padding: Padding): void {
    this.padding = padding
    this.draw()
  }

  setDark(dark: boolean): void {
    this.dark = dark
    this.draw()
  }

  remove(): void {
    this.resizing.disconnect()
    cancelAnimationFrame(this.frame)
    this.canvas.remove()
  }

  /** A pointer that goes down and up in one place taps; one that moves drags. */
  private listen(): void {
    let from: Point | null = null
    let isDrag = false
    this.canvas.addEventListener('pointerdown', (event) => {
      this.canvas.setPointerCapture(event.pointerId)
      from = { x: event.offsetX, y: event.offsetY }
      isDrag = false
    })
    this.canvas.addEventListener('pointermove', (event) => {
      if (!from) return
      const [dx, dy] = [event.offsetX - from.x, event.offsetY - from.y]
      if (!isDrag && Math.hypot(dx, dy) < DRAG_PIXELS) return
      if (!isDrag) this.dragged.forEach((listener) => listener())
      isDrag = true
      this.show({ ...this.view, centre: this.unproject({ x: this.middle.x - dx, y: this.middle.y - dy }) })
      from = { x: event.offsetX, y: event.offsetY }
    })
    this.canvas.addEventListener('pointerup', () => (from = null))
    this.canvas.addEventListener('pointercancel', () => (from = null))
    this.canvas.addEventListener('click', (event) => {
      if (!isDrag) this.tapped.forEach((listener) => listener(this.unproject({ x: event.offsetX, y: event.offsetY })))
    })
    this.canvas.addEventListener('wheel', (event) => this.zoomBy(-event.deltaY / 400), { passive: true })
  }

  /** Degrees of longitude are this much shorter than those of latitude. */
  private get narrowing(): number {
    return Math.cos((this.view.centre.lat * Math.PI) / 180)
  }

  private at(lat: number, lon: number): Point {
    const { centre, scale } = this.view
    return { x: this.middle.x + (lon - centre.lon) * scale * this.narrowing, y: this.middle.y - (lat - centre.lat) * scale }
  }

  private show(view: View): void {
    this.view = view
    this.draw()
  }

  private draw(): void {
    cancelAnimationFrame(this.frame)
    this.frame = requestAnimationFrame(() => {
      this.paint()
      this.moved.forEach((listener) => listener())
    })
  }

  private paint(): void {
    const { clientWidth: width, clientHeight: height } = this.overlay
    this.canvas.width = width * devicePixelRatio
    this.canvas.height = height * devicePixelRatio
    const c = this.canvas.getContext('2d')
    if (!c) return
    const p = palette(this.dark)
    c.scale(devicePixelRatio, devicePixelRatio)
    c.fillStyle = p.water
    c.fillRect(0, 0, width, height)
    this.paintLand(c, p.land, p.landEdge)
    if (this.city) this.fill(c, cityBounds(this.city), p.water)
    this.city?.land.forEach((area) => this.fill(c, area, p.land))
    this.city?.parks.forEach((area) => this.fill(c, area, p.park))
    this.city?.water.forEach((area) => this.fill(c, area, p.water))
    c.lineCap = c.lineJoin = 'round'
    for (const road of this.city?.roads ?? []) {
      c.lineWidth = ROAD_WIDTH[road.class]
      c.strokeStyle = road.class === 'motorway' || road.class === 'bridge' ? p.motorwayCasing : p.streetCasing
      if (c.lineWidth > 0) this.stroke(c, road.nodes.flatMap((node) => this.city?.nodes[node] ?? []))
    }
    c.lineWidth = 4
    c.strokeStyle = p.track
    this.track.forEach((way) => this.stroke(c, way))
    for (const circle of this.circles) this.paintCircle(c, circle, circle.kind === 'radius' ? p.circle : p.accuracy)
  }

  private paintLand(c: CanvasRenderingContext2D, land: string, border: string): void {
    const { clientWidth, clientHeight } = this.overlay
    const { lat: north } = this.unproject({ x: 0, y: 0 })
    const { lat: south } = this.unproject({ x: 0, y: clientHeight })
    const half = clientWidth / (this.view.scale * this.narrowing)
    const { lon } = this.view.centre
    c.fillStyle = land
    c.strokeStyle = border
    c.lineWidth = 1
    for (const { rings, shift } of this.land?.within({ south, north, west: lon - half, east: lon + half }) ?? []) {
      c.beginPath()
      for (const ring of rings) {
        for (const [i, [x0 = 0, y0 = 0]] of ring.entries()) {
          const { x, y } = this.at(y0, x0 + shift)
          if (i === 0) c.moveTo(x, y)
          else c.lineTo(x, y)
        }
      }
      c.fill('evenodd')
      c.stroke()
    }
  }

  private paintCircle(c: CanvasRenderingContext2D, { kind, centre, metres }: Circle, color: string): void {
    const { x, y } = this.project(centre)
    c.beginPath()
    c.arc(x, y, (metres / METRES_PER_DEGREE) * this.view.scale, 0, 2 * Math.PI)
    c.fillStyle = c.strokeStyle = color
    c.globalAlpha = kind === 'radius' ? 0.07 : 0.15
    c.fill()
    c.globalAlpha = 0.7
    c.lineWidth = 2
    c.setLineDash([6, 4])
    c.stroke()
    c.setLineDash([])
    c.globalAlpha = 1
  }

  private fill(c: CanvasRenderingContext2D, { outline }: Area, color: string): void {
    c.fillStyle = color
    this.trace(c, outline)
    c.fill()
  }

  private stroke(c: CanvasRenderingContext2D, line: LatLon[]): void {
    this.trace(c, line)
    c.stroke()
  }

  private trace(c: CanvasRenderingContext2D, line: LatLon[]): void {
    c.beginPath()
    for (const place of line) {
      const { x, y } = this.project(place)
      c.lineTo(x, y)
    }
  }
}
