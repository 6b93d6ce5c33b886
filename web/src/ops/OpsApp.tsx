import { ApiError } from '@nearbyfriends/client'
import { useSignal, useSignalEffect } from '@preact/signals'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import { Confirmation } from '../app/confirm'
import { LanguageChoice } from '../app/LanguageChoice'
import { Notices } from '../app/notices'
import { Splash } from '../app/Splash'
import { language, t } from '../i18n'
import { loadSettings, type Settings } from '../session/settings'
import { AlertBox } from './AlertBox'
import { alertsOf } from './alerts'
import { Chart } from './Chart'
import { GatewayTable } from './GatewayTable'
import { KeyForm } from './KeyForm'
import { OpsApi, type Gateway, type Lag, type Ring } from './opsApi'
import { RingTables } from './RingTables'
import { Samples } from './samples'
import { SeenServers } from './seenServers'

const LOOK_EVERY_MS = 2_000

type Access = 'checking' | 'granted' | 'refused' | 'unreachable'

/** The operator's page: how the system is, live, and the one thing to do about a dying server. */
export function OpsApp() {
  const settings = useSignal<Settings | null>(null)
  const unreachable = useSignal(false)
  useSignalEffect(() => {
    document.documentElement.lang = language.value
    document.title = `${t.value.appName} · ${t.value.ops.title}`
  })
  useEffect(() => {
    const load = () =>
      void loadSettings().then(
        (loaded) => (settings.value = loaded),
        () => {
          unreachable.value = true
          setTimeout(load, LOOK_EVERY_MS)
        },
      )
    load()
  }, [])
  if (!settings.value) return <Splash {...(unreachable.value ? { text: t.value.unreachable } : {})} />
  return (
    <>
      <Overview settings={settings.value} />
      <Notices />
      <Confirmation />
    </>
  )
}

function Overview({ settings }: { settings: Settings }) {
  const api = useMemo(() => new OpsApi(settings), [settings])
  const samples = useRef(new Samples()).current
  const seen = useRef(new SeenServers()).current
  const access = useSignal<Access>('checking')
  const moment = useSignal(0)
  const gateways = useSignal<Gateway[]>([])
  const ring = useSignal<Ring | null>(null)
  const lag = useSignal<Lag | null>(null)

  const looking = useRef(false)
  const hasRing = useRef(true)
  const pendingSince = useRef<number | null>(null)

  const look = async () => {
    if (looking.current) return
    looking.current = true
    try {
      gateways.value = await api.gateways()
      samples.add(Date.now(), gateways.value)
      // Either may be away while the other answers.
      const [newRing, newLag] = await Promise.allSettled([hasRing.current ? api.ring() : null, api.history()])
      ring.value = newRing.status === 'fulfilled' && newRing.value ? seen.withRemoved(newRing.value) : null
      if (ring.value) pendingSince.current = ring.value.pendingEpoch === null ? null : (pendingSince.current ?? Date.now())
      hasRing.current &&= !(newRing.status === 'rejected' && newRing.reason instanceof ApiError && newRing.reason.status === 404)
      lag.value = newLag.status === 'fulfilled' ? newLag.value : null
      access.value = 'granted'
      moment.value = Date.now()
    } catch (failure) {
      const refused = failure instanceof ApiError && (failure.status === 401 || failure.status === 403)
      access.value = refused ? 'refused' : 'unreachable'
    }
    looking.current = false
  }
  useEffect(() => {
    void look()
    const timer = setInterval(() => {
      if (!document.hidden && access.peek() !== 'refused') void look()
    }, LOOK_EVERY_MS)
    return () => clearInterval(timer)
  }, [])

  if (access.value === 'refused') {
    return <KeyForm wasWrong={api.key !== null} onKey={(key) => {
      api.key = key
      access.value = 'checking'
      void look()
    }} />
  }
  const texts = t.value.ops
  return (
    <main class="ops">
      <header class="ops-head">
        <h1>{texts.title}</h1>
        <span class={`pill ${access.value === 'granted' ? 'live' : 'waiting'}`}>{texts.access[access.value]}</span>
        <span class="grow" />
        <a href="/">{texts.map}</a>
        <LanguageChoice />
      </header>
      <Tiles gateways={gateways.value} ring={ring.value} lag={lag.value} />
      <AlertBox alerts={alertsOf({ gateways: gateways.value, ring: ring.value, lag: lag.value, pendingMs: moment.value - (pendingSince.current ?? moment.value) })} />
      <section class="charts" aria-label={texts.charts}>
        <Chart title={texts.sessions} unit={texts.open} measures={['sessions']} samples={samples} moment={moment.value} />
        <Chart title={texts.updates} unit={texts.perSecond} measures={['updatesPerSecond']} samples={samples} moment={moment.value} />
        <Chart title={texts.deliveries} unit={texts.perSecond} measures={['deliveriesPerSecond']} samples={samples} moment={moment.value} />
        <Chart title={texts.toOutbox} unit={texts.withoutPace} hint={texts.toOutboxHint} measures={['outboxP99Ms', 'outboxP50Ms']} samples={samples} moment={moment.value} />
        <Chart title={texts.toSocket} unit={texts.withPace} hint={texts.toSocketHint} measures={['p99Ms', 'p50Ms']} samples={samples} moment={moment.value} />
      </section>
      <GatewayTable gateways={gateways.value} samples={samples} ring={ring.value} />
      {ring.value && <RingTables ring={ring.value} api={api} onChanged={() => void look()} />}
    </main>
  )
}

function Tiles({ gateways, ring, lag }: { gateways: Gateway[]; ring: Ring | null; lag: Lag | null }) {
  const texts = t.value.ops
  const numbers = new Intl.NumberFormat(language.value)
  const sum = (of: (gateway: Gateway) => number) => numbers.format(Math.round(gateways.reduce((total, gateway) => total + of(gateway), 0)))
  const oldestReading = Math.max(...gateways.map(({ journalAgeSeconds }) => journalAgeSeconds ?? 0))
  return (
    <dl class="tiles">
      <Tile name={texts.sessions} value={sum(({ sessions }) => sessions)} />
      <Tile name={texts.updates} value={sum(({ updatesPerSecond }) => updatesPerSecond)} unit={texts.perSecond} />
      <Tile name={texts.deliveries} value={sum(({ deliveriesPerSecond }) => deliveriesPerSecond)} unit={texts.perSecond} />
      <Tile name={texts.epoch} value={ring?.transport === 'Ring' ? String(ring.epoch) : '–'} unit={ring?.pendingEpoch ? texts.pending(ring.pendingEpoch) : ''} />
      <Tile name={texts.historyLag} value={lag ? numbers.format(lag.lag) : '–'} unit={lagText(lag)} />
      <Tile name={texts.journal} value={gateways.length === 0 ? '–' : numbers.format(Math.round(oldestReading))} unit={texts.journalUnit} />
    </dl>
  )
}

function lagText(lag: Lag | null): string {
  const texts = t.value.ops
  if (!lag) return texts.lagUnknown
  const waiting = lag.lag === 0 ? texts.upToDate : texts.seconds(lag.lagAgeSeconds)
  return lag.deadLetters === 0 ? waiting : `${waiting}; ${texts.deadLetters(lag.deadLetters)}`
}

function Tile({ name, value, unit = '' }: { name: string; value: string; unit?: string }) {
  return (
    <div class="tile">
      <dt>{name}</dt>
      <dd>{value} <span class="hint">{unit}</span></dd>
    </div>
  )
}
