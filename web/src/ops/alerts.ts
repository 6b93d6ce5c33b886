import type { Gateway, Lag, Ring } from './opsApi'

/** Those of deploy/monitoring/alerts.yml that can be told without a metrics server; docs/deployment.md says what to do about each. */
export const ALERT_NAMES = [
  'UpdatesAreLate', 'ConsentIsOld', 'GatewayIsCutOff', 'HistoryLags', 'HistoryCannotBeStored', 'PubSubServerIsDead', 'DiscoveryIsUnavailable', 'RingChangeHangs',
] as const

export type AlertName = (typeof ALERT_NAMES)[number]

export interface Alert {
  name: AlertName
  /** The gateways or servers that it is about; empty where it is about all. */
  about: string
}

const LATE_MS = 5_000
const CONSENT_OLD_SECONDS = 30
const CUT_OFF_SECONDS = 60
const LAG_SECONDS = 300
const HANGS_MS = 10 * 60_000

interface Seen {
  gateways: Gateway[]
  ring: Ring | null
  lag: Lag | null
  /** For how long the change of the ring has been pending, as far as this page saw it, milliseconds. */
  pendingMs: number
}

/** What needs a look now. Prometheus waits some minutes more before it calls anybody. */
export function alertsOf({ gateways, ring, lag, pendingMs }: Seen): Alert[] {
  const late = gateways.filter(({ p99Ms }) => p99Ms > LATE_MS)
  const cutOff = gateways.filter(({ journalAgeSeconds }) => journalAgeSeconds > CUT_OFF_SECONDS)
  const nobodyReads = gateways.length > 0 && gateways.every(({ journalAgeSeconds }) => journalAgeSeconds > CONSENT_OLD_SECONDS)
  const dead = ring?.servers.filter(({ role, healthy }) => role === 'dead' || (role !== 'removed' && !healthy)) ?? []
  const names = (all: { id: string }[]) => all.map(({ id }) => id).join(', ')
  const found: [boolean | undefined, AlertName, string][] = [
    [late.length > 0, 'UpdatesAreLate', names(late)],
    [nobodyReads, 'ConsentIsOld', ''],
    [!nobodyReads && cutOff.length > 0, 'GatewayIsCutOff', names(cutOff)],
    [lag !== null && lag.lagAgeSeconds > LAG_SECONDS, 'HistoryLags', ''],
    [lag !== null && lag.deadLetters > 0, 'HistoryCannotBeStored', ''],
    [dead.length > 0, 'PubSubServerIsDead', dead.map(({ name }) => name).join(', ')],
    [ring?.discoveryAway, 'DiscoveryIsUnavailable', ''],
    [pendingMs > HANGS_MS, 'RingChangeHangs', ''],
  ]
  return found.filter(([holds]) => holds).map(([, name, about]) => ({ name, about }))
}
