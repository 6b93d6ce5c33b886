import type { FeatureCollection, MultiPolygon, Point, Polygon, Position } from 'geojson'
import { feature } from 'topojson-client'
import type { GeometryCollection, Topology } from 'topojson-specification'
import countriesUrl from 'world-atlas/countries-50m.json?url'
import { lonNear } from '../geo/geo'

/** Coasts and countries (Natural Earth 1:50 million, public domain): the ground wherever there is no city. */
export interface World {
  land: FeatureCollection<Polygon>
  /** The name of each country, in the middle of its largest part. */
  names: FeatureCollection<Point, { name: string }>
}

type Atlas = Topology<{ countries: GeometryCollection<{ name: string }> }>
type Country = FeatureCollection<Polygon | MultiPolygon, { name: string }>['features'][number]

/** The world, with the names of countries in a language; null when it cannot be had. */
export async function loadWorld(language: string): Promise<World | null> {
  try {
    const response = await fetch(countriesUrl)
    return response.ok ? readWorld((await response.json()) as Atlas, language) : null
  } catch {
    return null
  }
}

export function readWorld(atlas: Atlas, language: string): World {
  const names = new Intl.DisplayNames(language, { type: 'region', fallback: 'none' })
  const countries = (feature(atlas, atlas.objects.countries) as FeatureCollection<Polygon | MultiPolygon, { name: string }>).features
  return {
    land: {
      type: 'FeatureCollection',
      features: countries.flatMap((country) =>
        polygons(country).map((coordinates) => ({ type: 'Feature', properties: {}, geometry: { type: 'Polygon', coordinates } })),
      ),
    },
    names: {
      type: 'FeatureCollection',
      features: countries.map((country) => ({
        type: 'Feature',
        properties: { name: nameOf(country.id, names) ?? country.properties.name },
        geometry: { type: 'Point', coordinates: middleOf(country) },
      })),
    },
  }
}

function polygons({ geometry }: Country): Position[][][] {
  const all = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates
  return all.map((rings) => rings.map(unbroken))
}

/** A ring that crosses the antimeridian goes on beyond 180 degrees, instead of back around the world. */
export function unbroken(ring: Position[]): Position[] {
  let before = ring[0]?.[0] ?? 0
  const whole = ring.map(([lon = 0, lat = 0]) => [(before = lonNear(lon, before)), lat])
  // One around a pole does go around the world.
  return Math.abs(before - (whole[0]?.[0] ?? 0)) > 180 ? ring : whole
}

function middleOf(country: Country): Position {
  const outlines = polygons(country).map(([outline = []]) => centroid(outline))
  const largest = outlines.reduce((a, b) => (b.area > a.area ? b : a))
  return [largest.lon, largest.lat]
}

/** Of a polygon in the plane of longitude and latitude, which is good enough for where a name goes. */
function centroid(ring: Position[]): { area: number; lon: number; lat: number } {
  let [area, lon, lat] = [0, 0, 0]
  for (let i = 1; i < ring.length; i++) {
    const [x0 = 0, y0 = 0] = ring[i - 1] ?? []
    const [x1 = 0, y1 = 0] = ring[i] ?? []
    const cross = x0 * y1 - x1 * y0
    area += cross / 2
    lon += ((x0 + x1) * cross) / 6
    lat += ((y0 + y1) * cross) / 6
  }
  return { area: Math.abs(area), lon: lon / area, lat: lat / area }
}

/** By the numeric code of ISO 3166-1, which the atlas has. */
function nameOf(id: string | number | undefined, names: Intl.DisplayNames): string | undefined {
  if (id === undefined) return undefined
  try {
    const { region } = new Intl.Locale(`und-${String(id).padStart(3, '0')}`)
    return region && /^[A-Z]/.test(region) ? names.of(region) : undefined
  } catch {
    return undefined
  }
}
