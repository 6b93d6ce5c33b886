import type { Point } from './ground'

export interface Spot extends Point {
  id: string
}

/** Distance between two markers that are spread out, pixels. */
const SPREAD_PIXELS = 40

/**
 * Who stands together on the screen: each spot joins the nearest group that began within `reach` pixels, or begins one. The
 * earlier spots begin groups, so an unchanged order gives unchanged groups. Spots are hashed by cells of `reach`, so the cost
 * is linear.
 */
export function clusters(spots: Spot[], reach: number): Spot[][] {
  const cells = new Map<string, Spot[][]>()
  const groups: Spot[][] = []
  for (const spot of spots) {
    const [column, row] = [Math.floor(spot.x / reach), Math.floor(spot.y / reach)]
    let [nearest, closest]: [Spot[] | null, number] = [null, reach]
    for (const group of around(cells, column, row)) {
      const first = group[0] as Spot
      const distance = Math.hypot(first.x - spot.x, first.y - spot.y)
      if (distance < closest) [nearest, closest] = [group, distance]
    }
    if (nearest) {
      nearest.push(spot)
    } else {
      const group = [spot]
      groups.push(group)
      const key = `${column} ${row}`
      cells.set(key, [...(cells.get(key) ?? []), group])
    }
  }
  return groups
}

function around(cells: Map<string, Spot[][]>, column: number, row: number): Spot[][] {
  const steps = [-1, 0, 1]
  return steps.flatMap((dx) => steps.flatMap((dy) => cells.get(`${column + dx} ${row + dy}`) ?? []))
}

/** Where markers of one place go when they are spread out, as shifts in pixels: on a circle that holds them all. */
export function spread(count: number): Point[] {
  const radius = Math.max(SPREAD_PIXELS, (count * SPREAD_PIXELS) / (2 * Math.PI))
  return Array.from({ length: count }, (_, i) => {
    const angle = (2 * Math.PI * i) / count
    return { x: radius * Math.sin(angle), y: -radius * Math.cos(angle) }
  })
}
