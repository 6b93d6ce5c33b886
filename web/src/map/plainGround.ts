import type { LatLon } from '@nearbyfriends/client'
import type { Area, City, RoadClass } from './city'
import type { Ground, Padding, Point } from './ground'
import { palette } from './palette'

const ROAD_WIDTH: Record<RoadClass, number> = { motorway: 2.5, bridge: 2.5, tunnel: 0, arterial: 1.4, street: 0.5, path: 0 }
/** Metres of one degree of latitude. */
const METRES_PER_DEGREE = 111_195

interface View {
  centre: LatLon
  /** Pixels a degree of latitude. */
  scale: number
}

/** The same ground without WebGL: a picture on a 2D canvas around the circle, that can be zoomed but not dragged. */
export class PlainGround implements Ground {
  readonly overlay: HTMLElement
  private readonly canvas = document.createElement('canvas')
  private readonly moved: (() => void)[] = []
  private readonly resizing: ResizeObserver
  private view: View
  private padding: Padding = { top: 0, right: 0, bottom: 0, left: 0 }
  private circle: { centre: LatLon; metres: number } | null = null
  private frame = 0

  constructor(
    container: HTMLElement,
    private readonly city: City | null,
    private dark: boolean,
    centre: LatLon,
  ) {
    this.overlay = container
    this.canvas.className = 'plain-ground'
    container.append(this.canvas)
    this.view = { centre, scale: 4000 }
    this.resizing = new ResizeObserver(() => this.draw())
    this.resizing.observe(container)
  }

  project({ lat, lon }: LatLon): Point {
    const { centre, scale } = this.view
    return { x: this.middle.x + (lon - centre.lon) * scale * this.narrowing, y: this.middle.y - (lat - centre.lat) * scale }
  }

  unproject({ x, y }: Point): LatLon {
    const { centre, scale } = this.view
    return { lat: centre.lat - (y - this.middle.y) / scale, lon: centre.lon + (x - this.middle.x) / (scale * this.narrowing) }
  }

  onMove(listener: () => void): void {
    this.moved.push(listener)
  }

  onTap(listener: (place: LatLon) => void): void {
    this.canvas.addEventListener('click', (event) => listener(this.unproject({ x: event.offsetX, y: event.offsetY })))
  }

  setCircle(centre: LatLon | null, metres: number): void {
    this.circle = centre ? { centre, metres } : null
    this.draw()
  }

  fit(centre: LatLon, metres: number): void {
    const { clientWidth, clientHeight } = this.overlay
    const { top, right, bottom, left } = this.padding
    const free = Math.max(100, Math.min(clientWidth - left - right, clientHeight - top - bottom) - 24)
    this.show({ centre, scale: (free / 2 / metres) * METRES_PER_DEGREE })
  }

  panTo(centre: LatLon): void {
    this.show({ ...this.view, centre })
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

  private get middle(): Point {
    const { top, right, bottom, left } = this.padding
    return { x: (this.overlay.clientWidth + left - right) / 2, y: (this.overlay.clientHeight + top - bottom) / 2 }
  }

  /** Degrees of longitude are this much shorter than those of latitude. */
  private get narrowing(): number {
    return Math.cos((this.view.centre.lat * Math.PI) / 180)
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
    this.city?.land.forEach((area) => this.fill(c, area, p.land))
    this.city?.parks.forEach((area) => this.fill(c, area, p.park))
    this.city?.water.forEach((area) => this.fill(c, area, p.water))
    c.lineCap = c.lineJoin = 'round'
    for (const road of this.city?.roads ?? []) {
      c.lineWidth = ROAD_WIDTH[road.class]
      c.strokeStyle = road.class === 'motorway' || road.class === 'bridge' ? p.motorwayCasing : p.streetCasing
      if (c.lineWidth > 0) this.stroke(c, road.nodes.flatMap((node) => this.city?.nodes[node] ?? []))
    }
    if (this.circle) this.paintCircle(c, this.circle, p.circle)
  }

  private paintCircle(c: CanvasRenderingContext2D, { centre, metres }: { centre: LatLon; metres: number }, color: string): void {
    const { x, y } = this.project(centre)
    c.beginPath()
    c.arc(x, y, (metres / METRES_PER_DEGREE) * this.view.scale, 0, 2 * Math.PI)
    c.fillStyle = c.strokeStyle = color
    c.globalAlpha = 0.07
    c.fill()
    c.globalAlpha = 0.7
    c.lineWidth = 2
    c.setLineDash([6, 4])
    c.stroke()
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
