import { expect, it } from 'vitest'
import { OfflineBuffer, webStorage } from '../src/offlineBuffer.ts'

const HOUR = 3_600_000
const point = (time: number) => ({ lat: 0, lon: 0, time })
const precise = (time: number) => ({ lat: -37.788123456789012, lon: -122.40751234567890, time: 1_764_000_000_000 + time, accuracy: 12.345678901234567 })

it('what was gathered goes out in messages that fit, the newest first', () => {
  const buffer = new OfflineBuffer()
  for (let time = 1; time <= 120; time++) buffer.add(point(time))
  expect(buffer.messages(HOUR).map((message) => [message[0]?.time, message.length])).toEqual([[101, 20], [51, 50], [1, 50]])
})

it('points of full precision make no message longer than gateways accept', () => {
  const buffer = new OfflineBuffer()
  for (let time = 1; time <= 200; time++) buffer.add(precise(time))
  const messages = buffer.messages(precise(200).time)
  const lengths = messages.map((items) => JSON.stringify({ type: 'locations', ref: 'gathered', items }).length)
  expect(Math.max(...lengths)).toBeLessThanOrEqual(4_000)
  expect(messages.flat()).toHaveLength(200)
})

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
