import type { Position } from 'geojson'
import type { World } from '../world/world'

/** A rectangle of degrees; `west` and `east` may lie beyond ±180. */
export interface Bounds {
  south: number
  north: number
  west: number
  east: number
}

interface Shape extends Bounds {
  rings: Position[][]
}

/** The world's polygons for a 2D canvas: which of them, and which copy, a view shows. */
export class LandShapes {
  private readonly shapes: Shape[]

  constructor({ land }: World) {
    this.shapes = land.features.map(({ geometry: { coordinates } }) => ({ rings: coordinates, ...boundsOf(coordinates[0] ?? []) }))
  }

  /** Everything within a view, with the shift in degrees by which its longitudes go onto the map: 0, or a turn of the earth. */
  *within(view: Bounds): Generator<{ rings: Position[][]; shift: number }> {
    for (const { rings, south, north, west, east } of this.shapes) {
      if (north < view.south || south > view.north) continue
      for (const shift of [-360, 0, 360]) {
        if (west + shift <= view.east && east + shift >= view.west) yield { rings, shift }
      }
    }
  }
}

function boundsOf(ring: Position[]): Bounds {
  const bounds = { south: Infinity, north: -Infinity, west: Infinity, east: -Infinity }
  for (const [lon = 0, lat = 0] of ring) {
    bounds.south = Math.min(bounds.south, lat)
    bounds.north = Math.max(bounds.north, lat)
    bounds.west = Math.min(bounds.west, lon)
    bounds.east = Math.max(bounds.east, lon)
  }
  return bounds
}
