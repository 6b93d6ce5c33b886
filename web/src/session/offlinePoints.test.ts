import { expect, it } from 'vitest'
import { OfflinePoints } from './offlinePoints'

const HOUR = 3_600_000
const point = (time: number) => ({ lat: 0, lon: 0, time })

it('what was gathered goes out once, oldest first, fifty to a message', () => {
  const points = new OfflinePoints()
  for (let time = 1; time <= 120; time++) points.add(point(time))

  expect(points.take(HOUR).map((message) => [message[0]?.time, message.length])).toEqual([[1, 50], [51, 50], [101, 20]])
  expect(points.take(HOUR)).toEqual([])
})

it('what no gateway takes any more is left out, and of too much the oldest', () => {
  const points = new OfflinePoints()
  points.add(point(0))
  points.add(point(2 * HOUR))
  expect(points.take(25 * HOUR).flat()).toEqual([point(2 * HOUR)])

  for (let time = 1; time <= 501; time++) points.add(point(time))
  expect(points.take(HOUR).flat()[0]).toEqual(point(2))
})
