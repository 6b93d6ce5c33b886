import { expect, it } from 'vitest'
import type { Gateway } from './opsApi'
import { Samples } from './samples'

const gateway = (id: string, sessions: number): Gateway => ({
  id, sessions, url: '', draining: false, appliedEpoch: 1, updatesPerSecond: 0, deliveriesPerSecond: 0,
  outboxP50Ms: 2, outboxP99Ms: 9, p50Ms: 900, p99Ms: 1_990, journalAgeSeconds: 4,
})

it('a gateway that comes later, or has left, has gaps and no zeros', () => {
  const samples = new Samples()
  samples.add(1000, [gateway('a', 10)])
  samples.add(3000, [gateway('b', 5), gateway('a', 12)])
  samples.add(5000, [gateway('b', 17)])

  expect(samples.ids()).toEqual(['a', 'b'])
  expect(samples.series(['a', 'b'], ['sessions'])).toEqual([[1, 3, 5], [10, 12, null], [null, 5, 17]])
  expect(samples.series(['a'], ['p50Ms', 'outboxP50Ms'])).toEqual([[1, 3, 5], [900, 900, null], [2, 2, null]])
})

it('where nothing was delivered there is no latency', () => {
  const samples = new Samples()
  samples.add(1000, [{ ...gateway('a', 0), p99Ms: 0 }])

  expect(samples.series(['a'], ['p99Ms', 'sessions'])).toEqual([[1], [null], [0]])
})

it('knows what a drain began with', () => {
  const samples = new Samples()
  for (const [at, sessions] of [[1000, 80], [3000, 100], [5000, 30]] as const) samples.add(at, [gateway('a', sessions)])

  expect([samples.mostSessions('a'), samples.mostSessions('b')]).toEqual([100, 0])
})

it('forgets what has left the chart', () => {
  const samples = new Samples()
  samples.add(0, [gateway('old', 1)])
  for (let at = 1; at <= 150; at++) samples.add(at, [gateway('new', at)])

  expect(samples.ids()).toEqual(['new'])
})
