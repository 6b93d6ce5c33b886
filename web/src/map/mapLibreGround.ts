import type { LatLon } from '@nearbyfriends/client'
import { AttributionControl, Map as MapLibre, setWorkerUrl, type ExpressionSpecification, type GeoJSONSource } from 'maplibre-gl'
import 'maplibre-gl/dist/maplibre-gl.css'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url'
import { circleRing, destination, lonNear } from '../geo/geo'
import type { World } from '../world/world'
import type { City } from './city'
import type { Circle, Ground, Padding, Point } from './ground'
import { groundStyle, LAND, NAMES } from './groundStyle'
import { palette } from './palette'

// A file of our own origin: the Content-Security-Policy lets no script in that is put together at run time.
setWorkerUrl(workerUrl)

const CIRCLES = 'circles'
const TRACK = 'track'
const EAST = Math.PI / 2
const CLOSE_ZOOM = 13.5
const STYLE_TIMEOUT_MS = 10_000

export interface MapLibreOptions {
  container: HTMLElement
  city: City | null
  /** Addresses of styles; null for the ground of our own. */
  style: string | null
  darkStyle: string | null
  dark: boolean
  centre: LatLon
  zoom: number
  /** Coasts and countries, loaded once the map is drawn. */
  loadWorld(): Promise<World | null>
  reducedMotion: boolean
  /** What screen readers call the canvas. */
  title: string
}

/** A vector map by MapLibre GL; throws where the browser has no WebGL. */
export class MapLibreGround implements Ground {
  readonly overlay: HTMLElement
  private readonly map: MapLibre
  private circles: Circle[] = []
  private track: LatLon[][] = []
  private world: World | null = null
  private dark: boolean
  /** The style that is shown; null for the ground of our own, until the other has come, and when it cannot be had. */
  private style: string | null = null
  private hasTiles = false
  private removed = false

  constructor(private readonly options: MapLibreOptions) {
    this.dark = options.dark
    this.map = new MapLibre({
      container: options.container,
      style: groundStyle(options.city, null, options.dark),
      center: [options.centre.lon, options.centre.lat],
      zoom: options.zoom,
      minZoom: 1,
      maxZoom: 19,
      attributionControl: false,
      locale: { 'Map.Title': options.title },
      // Nothing turns or tilts: north is up, and markers need no more than a shift.
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
    })
    this.map.touchZoomRotate.disableRotation()
    this.map.keyboard.disableRotation()
    // The page's own section is the landmark; a second one of the same name would only confuse.
    this.map.getCanvas().setAttribute('role', 'img')
    this.overlay = this.map.getCanvasContainer()
    this.map.on('style.load', () => this.addOwnLayers())
    this.map.on('sourcedata', (event) => (this.hasTiles ||= event.tile !== undefined))
    this.map.on('error', (event) => this.onError(event))
    if (options.style) this.map.addControl(new AttributionControl({ compact: true }))
    this.map.once('idle', () => void this.addWorld())
    void this.fetchStyle()
  }

  get middle(): Point {
    return this.map.project(this.map.getCenter())
  }

  project(place: LatLon): Point {
    return this.map.project([lonNear(place.lon, this.map.getCenter().lng), place.lat])
  }

  unproject(point: Point): LatLon {
    const { lat, lng } = this.map.unproject([point.x, point.y]).wrap()
    return { lat, lon: lng }
  }

  onMove(listener: () => void): void {
    this.map.on('move', listener)
    this.map.on('resize', listener)
  }

  onDrag(listener: () => void): void {
    this.map.on('dragstart', listener)
  }

  onTap(listener: (place: LatLon) => void): void {
    this.map.on('click', ({ lngLat }) => {
      const { lat, lng } = lngLat.wrap()
      listener({ lat, lon: lng })
    })
  }

  setCircles(circles: Circle[]): void {
    this.circles = circles
    this.map.getSource<GeoJSONSource>(CIRCLES)?.setData(this.circleData())
  }

  setTrack(ways: LatLon[][]): void {
    this.track = ways
    this.map.getSource<GeoJSONSource>(TRACK)?.setData(this.trackData())
  }

  fit(centre: LatLon, metres: number, animate: boolean): void {
    const north = destination(centre, metres, 0).lat
    const south = destination(centre, metres, Math.PI).lat
    const half = destination({ lat: centre.lat, lon: 0 }, metres, EAST).lon
    const lon = lonNear(centre.lon, this.map.getCenter().lng)
    this.map.fitBounds([lon - half, south, lon + half, north], {
      padding: 12,
      duration: animate && !this.options.reducedMotion ? 700 : 0,
    })
  }

  centreOn(place: LatLon, close: boolean): void {
    const zoom = close ? Math.max(this.map.getZoom(), CLOSE_ZOOM) : this.map.getZoom()
    this.map.easeTo({ center: [lonNear(place.lon, this.map.getCenter().lng), place.lat], zoom, duration: this.options.reducedMotion ? 0 : 700 })
  }

  zoomBy(steps: number): void {
    this.map.easeTo({ zoom: this.map.getZoom() + steps, duration: this.options.reducedMotion ? 0 : 250 })
  }

  setPadding(padding: Padding): void {
    this.map.setPadding(padding)
  }

  setDark(dark: boolean): void {
    if (dark === this.dark) return
    this.dark = dark
    this.setStyle(null)
    void this.fetchStyle()
  }

  remove(): void {
    this.removed = true
    this.map.remove()
  }

  /** The ground of our own is there at once; the style that is configured takes its place when it has come. */
  private async fetchStyle(): Promise<void> {
    const address = this.styleAddress()
    if (!address) return
    try {
      const response = await fetch(address, { signal: AbortSignal.timeout(STYLE_TIMEOUT_MS) })
      if (!response.ok) throw new Error(`status ${response.status}`)
      if (address === this.styleAddress()) this.setStyle(address)
    } catch (failure) {
      console.warn(`The map style cannot be had (${String(failure)}); showing the built-in ground.`)
    }
  }

  private styleAddress(): string | null {
    return this.dark ? this.options.darkStyle : this.options.style
  }

  /** As a whole: what is ours on the map is put on anew when the style has come. */
  private setStyle(address: string | null): void {
    this.style = address
    this.hasTiles = false
    this.map.setStyle(address ?? groundStyle(this.options.city, this.world, this.dark), { diff: false })
  }

  /** Single tiles may be missing; a style without any, as when the network is away, gives way to the ground of our own. */
  private onError(event: { error: { message: string } }): void {
    if (!this.style || this.hasTiles || !('sourceId' in event)) return
    console.warn(`The map style has no tiles (${event.error.message}); showing the built-in ground.`)
    this.setStyle(null)
  }

  private async addWorld(): Promise<void> {
    this.world = await this.options.loadWorld()
    if (!this.world || this.removed) return
    this.map.getSource<GeoJSONSource>(LAND)?.setData(this.world.land)
    this.map.getSource<GeoJSONSource>(NAMES)?.setData(this.world.names)
  }

  private addOwnLayers(): void {
    if (this.map.getSource(CIRCLES)) return
    const { circle, accuracy, track } = palette(this.dark)
    this.map.addSource(TRACK, { type: 'geojson', data: this.trackData() })
    this.map.addLayer({
      id: TRACK, type: 'line', source: TRACK, layout: { 'line-cap': 'round', 'line-join': 'round' }, paint: { 'line-color': track, 'line-width': 4 },
    })
    const color: ExpressionSpecification = ['match', ['get', 'kind'], 'radius', circle, accuracy]
    this.map.addSource(CIRCLES, { type: 'geojson', data: this.circleData() })
    this.map.addLayer({
      id: `${CIRCLES}-fill`, type: 'fill', source: CIRCLES,
      paint: { 'fill-color': color, 'fill-opacity': ['match', ['get', 'kind'], 'radius', 0.07, 0.15] },
    })
    this.map.addLayer({
      id: `${CIRCLES}-line`, type: 'line', source: CIRCLES,
      paint: { 'line-color': color, 'line-width': 2, 'line-opacity': 0.7, 'line-dasharray': [3, 2] },
    })
  }

  private trackData(): GeoJSON.FeatureCollection {
    return {
      type: 'FeatureCollection',
      features: this.track.map((way) => ({ type: 'Feature', properties: {}, geometry: { type: 'LineString', coordinates: unbroken(way) } })),
    }
  }

  private circleData(): GeoJSON.FeatureCollection {
    return {
      type: 'FeatureCollection',
      features: this.circles.map(({ kind, centre, metres }) => ({
        type: 'Feature', properties: { kind }, geometry: { type: 'Polygon', coordinates: [circleRing(centre, metres)] },
      })),
    }
  }
}

/** As [lon, lat], each beside the one before, also across the antimeridian. */
function unbroken(way: LatLon[]): [number, number][] {
  const corners: [number, number][] = []
  for (const { lat, lon } of way) corners.push([lonNear(lon, corners.at(-1)?.[0] ?? lon), lat])
  return corners
}
