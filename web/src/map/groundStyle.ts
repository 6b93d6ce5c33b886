import type { FilterSpecification, LayerSpecification, StyleSpecification } from 'maplibre-gl'
import type { FeatureCollection, Position } from 'geojson'
import type { LatLon } from '@nearbyfriends/client'
import { language } from '../i18n'
import { CITIES } from '../world/cities'
import type { World } from '../world/world'
import { cityBounds, type Area, type City, type RoadClass } from './city'
import { palette } from './palette'

const position = ({ lat, lon }: LatLon): Position => [lon, lat]

/** The sources of coasts and of countries' names, which are filled when they have come. */
export const LAND = 'world-land'
export const NAMES = 'world-names'

const NOWHERE: FeatureCollection = { type: 'FeatureCollection', features: [] }

/** The ground that needs no network, as a MapLibre style: coasts and countries, and the demo's city with its streets. */
export function groundStyle(city: City | null, world: World | null, isDark: boolean): StyleSpecification {
  const p = palette(isDark)
  const roads = (classes: RoadClass[]) => ({ source: 'roads', filter: ['in', ['get', 'class'], ['literal', classes]] as FilterSpecification })
  const round = { 'line-cap': 'round', 'line-join': 'round' } as const
  const width = (at10: number, at14: number, at18: number) =>
    ['interpolate', ['exponential', 1.6], ['zoom'], 10, at10, 14, at14, 18, at18] as ['interpolate', ['exponential', number], ['zoom'], ...number[]]

  const layers: LayerSpecification[] = [
    { id: 'water', type: 'background', paint: { 'background-color': p.water } },
    { id: 'countries', type: 'fill', source: LAND, paint: { 'fill-color': p.land } },
    { id: 'borders', type: 'line', source: LAND, layout: round, paint: { 'line-color': p.landEdge, 'line-width': 1 } },
    // The city knows its coast better.
    { id: 'bay', type: 'fill', source: 'bay', paint: { 'fill-color': p.water } },
    { id: 'land', type: 'fill', source: 'land', paint: { 'fill-color': p.land } },
    { id: 'shore', type: 'line', source: 'land', layout: round, paint: { 'line-color': p.landEdge, 'line-width': width(0.8, 1.5, 3) } },
    { id: 'parks', type: 'fill', source: 'parks', paint: { 'fill-color': p.park } },
    { id: 'lakes', type: 'fill', source: 'lakes', paint: { 'fill-color': p.water } },
    { id: 'paths', type: 'line', ...roads(['path']), minzoom: 12.5, layout: round, paint: { 'line-color': p.streetCasing, 'line-width': width(0.4, 1.2, 4), 'line-dasharray': [2, 1.5] } },
    { id: 'streets-casing', type: 'line', ...roads(['street']), minzoom: 13, layout: round, paint: { 'line-color': p.streetCasing, 'line-width': width(0.6, 3.4, 17) } },
    { id: 'streets', type: 'line', ...roads(['street']), layout: round, paint: { 'line-color': p.street, 'line-width': width(0.45, 2.3, 14), 'line-opacity': ['interpolate', ['linear'], ['zoom'], 9, 0.3, 12, 1] } },
    { id: 'tunnels', type: 'line', ...roads(['tunnel']), minzoom: 11, paint: { 'line-color': p.motorwayCasing, 'line-width': width(0.8, 2.5, 10), 'line-dasharray': [2, 2], 'line-opacity': 0.6 } },
    { id: 'main-casing', type: 'line', ...roads(['arterial']), layout: round, paint: { 'line-color': p.streetCasing, 'line-width': width(1.2, 5.4, 24) } },
    { id: 'main', type: 'line', ...roads(['arterial']), layout: round, paint: { 'line-color': p.mainRoad, 'line-width': width(0.9, 4, 20) } },
    { id: 'motorway-casing', type: 'line', ...roads(['motorway', 'bridge']), layout: round, paint: { 'line-color': p.motorwayCasing, 'line-width': width(2.2, 7.5, 28) } },
    { id: 'motorway', type: 'line', ...roads(['motorway', 'bridge']), layout: round, paint: { 'line-color': p.motorway, 'line-width': width(1.4, 5.5, 24) } },
    label('park-names', 'parks', 12, p.parkLabel, p.halo, 'point'),
    label('lake-names', 'lakes', 14, p.waterLabel, p.halo, 'point'),
    { ...label('road-names', 'roads', 13, p.label, p.halo, 'line'), filter: ['in', ['get', 'class'], ['literal', ['motorway', 'bridge', 'arterial']]] },
    { ...label('street-names', 'roads', 15, p.label, p.halo, 'line'), filter: ['==', ['get', 'class'], 'street'] },
    { ...label('country-names', NAMES, 2, p.label, p.halo, 'point'), maxzoom: 7 },
    { ...label('city-names', 'cities', 3, p.label, p.halo, 'point'), maxzoom: 10.5 },
  ]
  return {
    version: 8,
    sources: {
      [LAND]: { type: 'geojson', data: world?.land ?? NOWHERE },
      [NAMES]: { type: 'geojson', data: world?.names ?? NOWHERE },
      bay: { type: 'geojson', data: areas(city ? [cityBounds(city)] : []) },
      cities: { type: 'geojson', data: cityPoints() },
      land: { type: 'geojson', data: areas(city?.land ?? []), tolerance: 0.2 },
      lakes: { type: 'geojson', data: areas(city?.water ?? []) },
      parks: { type: 'geojson', data: areas(city?.parks ?? []) },
      roads: { type: 'geojson', data: roadLines(city), tolerance: 0.3 },
    },
    layers,
  }
}

// No `glyphs`: letters are drawn from the reader's own fonts, so that no name needs the network.
function label(id: string, source: string, minzoom: number, color: string, halo: string, placement: 'point' | 'line') {
  return {
    id, type: 'symbol' as const, source, minzoom,
    layout: {
      'text-field': ['get', 'name'] as ['get', string],
      'text-size': placement === 'line' ? 11 : 12,
      'text-font': ['sans-serif'],
      'symbol-placement': placement,
      'text-max-width': 7,
    },
    paint: { 'text-color': color, 'text-halo-color': halo, 'text-halo-width': 1.2 },
  }
}

function cityPoints(): FeatureCollection {
  return {
    type: 'FeatureCollection',
    features: CITIES.map((city) => ({ type: 'Feature', properties: { name: city[language.value] }, geometry: { type: 'Point', coordinates: position(city) } })),
  }
}

function areas(all: Area[]): FeatureCollection {
  return {
    type: 'FeatureCollection',
    features: all.map(({ name, outline }) => ({
      type: 'Feature',
      properties: { name },
      geometry: { type: 'Polygon', coordinates: [closed(outline)] },
    })),
  }
}

function closed(outline: LatLon[]): Position[] {
  const ring = outline.map(position)
  const [first, last] = [ring[0], ring.at(-1)]
  return first && last && (first[0] !== last[0] || first[1] !== last[1]) ? [...ring, first] : ring
}

function roadLines(city: City | null): FeatureCollection {
  return {
    type: 'FeatureCollection',
    features: (city?.roads ?? []).map((road) => ({
      type: 'Feature',
      properties: { class: road.class, name: road.name },
      geometry: { type: 'LineString', coordinates: road.nodes.flatMap((node) => (city?.nodes[node] ? [position(city.nodes[node])] : [])) },
    })),
  }
}
