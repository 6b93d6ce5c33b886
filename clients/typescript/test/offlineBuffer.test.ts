import { expect, it } from 'vitest'
import { OfflineBuffer, webStorage } from '../src/offlineBuffer.ts'

const HOUR = 3_600_000
const point = (time: number) => ({ lat: 0, lon: 0, time })

it('a point stays until a gateway has it', () => {
  const buffer = new OfflineBuffer()
  for (const time of [1, 2, 3]) buffer.add(point(time))
  expect(buffer.messages(HOUR).flat()).toHaveLength(3)
  buffer.confirm(2)
  expect(buffer.messages(HOUR).flat()).toEqual([point(3)])
})

it('what no gateway accepts any more is left out, and of too much the oldest', () => {
  const buffer = new OfflineBuffer()
  buffer.add(point(0))
  buffer.add(point(2 * HOUR))
  expect(buffer.messages(25 * HOUR).flat()).toEqual([point(2 * HOUR)])

  buffer.clear()
  for (let time = 1; time <= 501; time++) buffer.add(point(time))
  expect(buffer.messages(HOUR).at(-1)?.[0]).toEqual(point(2))
})

it('survives a reload, and what another program left in its place', () => {
  const kept = new Map<string, string>()
  const storage = { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, text: string) => void kept.set(key, text) }
  new OfflineBuffer(webStorage(storage, 'points-1')).add(point(1))
  expect(new OfflineBuffer(webStorage(storage, 'points-1')).messages(HOUR)).toEqual([[point(1)]])

  kept.set('points-1', '{"not":"points"}')
  expect(new OfflineBuffer(webStorage(storage, 'points-1')).messages(HOUR)).toEqual([])
})
