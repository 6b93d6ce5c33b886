import { localeTag, t } from '../i18n'
import { colorOf } from './Chart'
import type { Gateway, Ring } from './opsApi'
import type { Samples } from './samples'

export function GatewayTable({ gateways, samples, ring }: { gateways: Gateway[]; samples: Samples; ring: Ring | null }) {
  const texts = t.value.ops
  const ids = samples.ids()
  const number = new Intl.NumberFormat(localeTag(), { maximumFractionDigits: 1 })
  // Nothing was delivered lately, or a gateway of an older version does not say it.
  const ms = (value: number | undefined) => (value ? number.format(value) : '–')
  return (
    <section class="box">
      <h2>{texts.gateways}</h2>
      <div class="table" tabIndex={0} role="region" aria-label={texts.gateways}>
        <table>
          <thead>
            <tr>
              <th scope="col">{texts.id}</th>
              <th scope="col" class="number">{texts.sessions}</th>
              <th scope="col" class="number">{texts.updates}/s</th>
              <th scope="col" class="number">{texts.deliveries}/s</th>
              <th scope="col" class="number">{texts.toOutbox}<br />p50, p99 ms</th>
              <th scope="col" class="number">{texts.toSocket}<br />p50, p99 ms</th>
              <th scope="col" class="number">{texts.journal} s</th>
              <th scope="col" class="number">{texts.epoch}</th>
              <th scope="col">{texts.state}</th>
            </tr>
          </thead>
          <tbody>
            {[...gateways].sort((a, b) => (a.id < b.id ? -1 : 1)).map((gateway) => (
              <tr key={gateway.id} data-gateway={gateway.id}>
                <th scope="row" title={gateway.url}>
                  <span class="key" ref={(element) => element?.style.setProperty('background', colorOf(ids.indexOf(gateway.id)))} />
                  {gateway.id}
                </th>
                <td class="number">{number.format(gateway.sessions)}</td>
                <td class="number">{number.format(gateway.updatesPerSecond)}</td>
                <td class="number">{number.format(gateway.deliveriesPerSecond)}</td>
                <td class="number">{ms(gateway.outboxP50Ms)}, {ms(gateway.outboxP99Ms)}</td>
                <td class="number">{ms(gateway.p50Ms)}, {ms(gateway.p99Ms)}</td>
                <td class="number">{number.format(gateway.journalAgeSeconds ?? 0)}</td>
                <td class={`number${ring?.transport === 'Ring' && gateway.appliedEpoch !== ring.epoch ? ' behind' : ''}`}>{gateway.appliedEpoch ?? '–'}</td>
                <td>{gateway.draining ? <Draining left={gateway.sessions} of={samples.mostSessions(gateway.id)} /> : <span class="pill live">{texts.serving}</span>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

/** How far a gateway has come with sending its sessions elsewhere. */
function Draining({ left, of }: { left: number; of: number }) {
  const texts = t.value.ops
  return (
    <>
      <span class="pill waiting">{texts.draining}</span> {texts.left(left, of)}{' '}
      <progress max={Math.max(of, 1)} value={of - left} aria-label={texts.draining} />
    </>
  )
}
