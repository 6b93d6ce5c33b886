import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { ALERT_NAMES, alertsOf } from './alerts'
import type { Gateway, Lag, Ring, Server } from './opsApi'

const gateway = (changes: Partial<Gateway> = {}): Gateway => ({
  id: 'a', url: '', sessions: 1, draining: false, appliedEpoch: 1, updatesPerSecond: 0, deliveriesPerSecond: 0,
  outboxP50Ms: 2, outboxP99Ms: 9, p50Ms: 900, p99Ms: 1_990, journalAgeSeconds: 4, ...changes,
})
const server = (changes: Partial<Server> = {}): Server => ({
  name: 'pubsub-0', place: null, role: 'active', healthy: true, channels: [], messagesPerSecond: 1, bytesPerSecond: 1, cpu: 0.1, ...changes,
})
const ring = (changes: Partial<Ring> = {}): Ring => ({
  transport: 'Ring', channels: '', epoch: 1, pendingEpoch: null, pending: null, discoveryAway: false, servers: [server()], pins: [], processes: [], ...changes,
})
const lag: Lag = { lag: 3, lagAgeSeconds: 2, deadLetters: 0 }
const well = { gateways: [gateway(), gateway({ id: 'b' })], ring: ring(), lag, pendingMs: 0 }

it('nothing needs a look while all is well, and where nobody answers nothing is made up', () => {
  expect(alertsOf(well)).toEqual([])
  expect(alertsOf({ gateways: [], ring: null, lag: null, pendingMs: 0 })).toEqual([])
  expect(alertsOf({ ...well, ring: ring({ servers: [server(), server({ role: 'removed', healthy: false })] }) })).toEqual([])
})

it.each([
  ['UpdatesAreLate', 'b', { gateways: [gateway(), gateway({ id: 'b', p99Ms: 5_001 })] }],
  ['GatewayIsCutOff', 'b', { gateways: [gateway(), gateway({ id: 'b', journalAgeSeconds: 61 })] }],
  ['ConsentIsOld', '', { gateways: [gateway({ journalAgeSeconds: 31 }), gateway({ id: 'b', journalAgeSeconds: 90 })] }],
  ['HistoryLags', '', { lag: { ...lag, lagAgeSeconds: 301 } }],
  ['HistoryCannotBeStored', '', { lag: { ...lag, deadLetters: 1 } }],
  ['PubSubServerIsDead', 'pubsub-1', { ring: ring({ servers: [server(), server({ name: 'pubsub-1', role: 'dead', healthy: false })] }) }],
  ['PubSubServerIsDead', 'pubsub-0', { ring: ring({ servers: [server({ healthy: false })] }) }],
  ['DiscoveryIsUnavailable', '', { ring: ring({ discoveryAway: true }) }],
  ['RingChangeHangs', '', { pendingMs: 600_001 }],
])('%s about "%s"', (name, about, changes) => {
  expect(alertsOf({ ...well, ...changes })).toEqual([{ name, about }])
})

it('each is one that operators are called for, by the same name', () => {
  const rules = readFileSync(new URL('../../../deploy/monitoring/alerts.yml', import.meta.url), 'utf8')
  expect(ALERT_NAMES.filter((name) => !rules.includes(`alert: ${name}\n`))).toEqual([])
})
