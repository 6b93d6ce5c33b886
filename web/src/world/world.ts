import type { FeatureCollection, MultiPolygon, Polygon } from 'geojson'
import { feature } from 'topojson-client'
import type { GeometryCollection, Topology } from 'topojson-specification'
import countriesUrl from 'world-atlas/countries-50m.json?url'

/** Coasts and countries (Natural Earth 1:50 million, public domain): the ground wherever there is no city. */
export type World = FeatureCollection<Polygon | MultiPolygon, { country: string }>

type Atlas = Topology<{ countries: GeometryCollection<{ name: string }> }>

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
  const all = feature(atlas, atlas.objects.countries) as FeatureCollection<Polygon | MultiPolygon, { name: string }>
  return {
    type: 'FeatureCollection',
    features: all.features.map((country) => ({
      type: 'Feature',
      properties: { country: nameOf(country.id, names) ?? country.properties.name },
      geometry: country.geometry,
    })),
  }
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
