import type { LatLon } from '@nearbyfriends/client'
import cityUrl from '../../../tools/NearbyFriends.Simulator/Walking/san-francisco.json?url'

export type RoadClass = 'motorway' | 'bridge' | 'arterial' | 'street' | 'path' | 'tunnel'

export interface Area {
  name: string
  outline: LatLon[]
}

export interface Road {
  class: RoadClass
  name: string | undefined
  /** Indices of nodes. */
  nodes: number[]
}

/** The demo's city, the one that the simulated people walk in: the ground of the map, and where walks lead. */
export interface City {
  land: Area[]
  water: Area[]
  parks: Area[]
  nodes: LatLon[]
  roads: Road[]
}

/** As NearbyFriends.Simulator keeps it: places are latitude, longitude, latitude, ... */
interface CityFile {
  land: { name: string; ring: number[] }[]
  water: { name: string; ring: number[] }[]
  parks: { name: string; ring: number[] }[]
  nodes: number[]
  roads: { class: RoadClass; name?: string; nodes: number[] }[]
}

let loading: Promise<City | null> | undefined

/** The city, fetched when first needed; null when it cannot be had, for a map without streets is a map still. */
export function loadCity(): Promise<City | null> {
  return (loading ??= fetchCity())
}

async function fetchCity(): Promise<City | null> {
  try {
    const response = await fetch(cityUrl)
    return response.ok ? readCity((await response.json()) as CityFile) : null
  } catch {
    return null
  }
}

export function readCity(file: CityFile): City {
  const areas = (all: CityFile['land']) => all.map(({ name, ring }) => ({ name, outline: places(ring) }))
  return {
    land: areas(file.land),
    water: areas(file.water),
    parks: areas(file.parks),
    nodes: places(file.nodes),
    roads: file.roads.map((road) => ({ class: road.class, name: road.name, nodes: road.nodes })),
  }
}

/** The rectangle that the city's land fills; around it is water, or land that the city does not know. */
export function cityBounds(city: City): Area {
  const outlines = city.land.flatMap(({ outline }) => outline)
  const [lats, lons] = [outlines.map(({ lat }) => lat), outlines.map(({ lon }) => lon)]
  const [south, north, west, east] = [Math.min(...lats), Math.max(...lats), Math.min(...lons), Math.max(...lons)]
  const corner = (lat: number, lon: number) => ({ lat, lon })
  return { name: '', outline: [corner(south, west), corner(south, east), corner(north, east), corner(north, west)] }
}

function places(degrees: number[]): LatLon[] {
  return Array.from({ length: degrees.length / 2 }, (_, i) => ({ lat: degrees[2 * i] as number, lon: degrees[2 * i + 1] as number }))
}
