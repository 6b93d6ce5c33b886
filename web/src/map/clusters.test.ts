import { expect, it } from 'vitest'
import { clusters, spread, type Spot } from './clusters'

const at = (id: string, x: number, y = 0): Spot => ({ id, x, y })
const ids = (groups: Spot[][]) => groups.map((group) => group.map(({ id }) => id).join(''))

it('who stands apart is shown alone, who stands together as one', () => {
  expect(ids(clusters([at('a', 0), at('b', 10), at('c', 200), at('d', 0, 200)], 28))).toEqual(['ab', 'c', 'd'])
})

it('five friends at one point are one group of five', () => {
  expect(ids(clusters(['a', 'b', 'c', 'd', 'e'].map((id) => at(id, 50, 50)), 28))).toEqual(['abcde'])
})

it('each joins the nearest group, also across cells', () => {
  expect(ids(clusters([at('a', 27), at('b', 55.5), at('c', 45), at('d', 29)], 28))).toEqual(['ad', 'bc'])
})

it('left of the screen it is the same', () => {
  expect(ids(clusters([at('a', -5, -5), at('b', 5, 5)], 28))).toEqual(['ab'])
})

it.each([2, 5, 40])('%d that are spread out do not cover each other', (count) => {
  const points = spread(count)
  const gaps = points.flatMap((a, i) => points.slice(i + 1).map((b) => Math.hypot(a.x - b.x, a.y - b.y)))
  expect(Math.min(...gaps)).toBeGreaterThan(30)
})
