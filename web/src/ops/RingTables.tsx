import { ApiError } from '@nearbyfriends/client'
import { useSignal } from '@preact/signals'
import { confirmed } from '../app/confirm'
import { notify } from '../app/notices'
import { localeTag, problem, t } from '../i18n'
import type { OpsApi, Ring, Server } from './opsApi'

interface Props {
  ring: Ring
  api: OpsApi
  onChanged(): void
}

/** The pub/sub servers and what they carry; who has not taken the ring's last change over yet; channels held in place. */
export function RingTables({ ring, api, onChanged }: Props) {
  const texts = t.value.ops
  // A Redis Cluster replaces its masters itself, and actors move with the gateways.
  const isRing = ring.transport === 'Ring'
  const hasStandby = ring.servers.some(({ role, healthy }) => role === 'standby' && healthy)
  const behind = ring.processes.filter(({ appliedEpoch }) => appliedEpoch !== ring.epoch)
  return (
    <section class="box">
      <h2>{texts.transports[ring.transport]} <span class="hint">{ring.channels}</span></h2>
      {ring.discoveryAway && <p class="warning">{texts.discoveryAway}</p>}
      {ring.pending && <p class="warning">{ring.pending}</p>}
      <div class="table" tabIndex={0} role="region" aria-label={texts.transports[ring.transport]}>
        <table>
          <thead>
            <tr>
              <th scope="col">{texts.server}</th>
              <th scope="col">{texts.state}</th>
              <th scope="col">{texts.channels}</th>
              <th scope="col" class="number">{texts.messages}/s</th>
              <th scope="col" class="number">kB/s</th>
              <th scope="col" class="number">CPU</th>
              <th scope="col"><span class="only-spoken">{texts.replace}</span></th>
            </tr>
          </thead>
          <tbody>
            {ring.servers.map((server) => (
              <ServerRow key={server.name} server={server} api={api} replaceable={isRing} canReplace={hasStandby && ring.pendingEpoch === null} onChanged={onChanged} />
            ))}
          </tbody>
        </table>
      </div>
      {isRing && <p class="hint">
        {behind.length === 0 ? texts.allApplied(ring.processes.length) : texts.behind(behind.map(({ id }) => id).join(', '))}
        {ring.pins.length > 0 && ` ${texts.pins}: ${ring.pins.map(({ channel, server }) => `${channel} → ${server}`).join(', ')}.`}
      </p>}
    </section>
  )
}

interface RowProps {
  server: Server
  api: OpsApi
  replaceable: boolean
  canReplace: boolean
  onChanged(): void
}

function ServerRow({ server, api, replaceable, canReplace, onChanged }: RowProps) {
  const busy = useSignal(false)
  const texts = t.value.ops
  const number = new Intl.NumberFormat(localeTag(), { maximumFractionDigits: 1 })
  const shown = (value: number | null, format: Intl.NumberFormat = number) => (value === null ? '–' : format.format(value))
  const percent = new Intl.NumberFormat(localeTag(), { style: 'percent', maximumFractionDigits: 1 })
  const replace = async () => {
    if (!(await confirmed(texts.confirmReplace(server.name), texts.replace))) return
    busy.value = true
    try {
      await api.replace(server.name)
      notify(texts.replaced(server.name))
    } catch (failure) {
      notify(problem(failure instanceof ApiError ? failure.code : 'other'))
    }
    busy.value = false
    onChanged()
  }
  const isWell = server.healthy && (server.role === 'active' || server.role === 'standby')
  return (
    <tr data-server={server.name}>
      <th scope="row" title={server.place ?? ''}>{server.name}</th>
      <td>
        <span class={`pill ${isWell ? (server.role === 'active' ? 'live' : '') : 'stopped'}`}>{isWell || server.role === 'removed' ? texts.roles[server.role] : texts.roles.dead}</span>
      </td>
      <td class="channels">{(typeof server.channels === 'number' ? number.format(server.channels) : server.channels.join(' ')) || '–'}</td>
      <td class="number">{shown(server.messagesPerSecond)}</td>
      <td class="number">{shown(server.bytesPerSecond === null ? null : server.bytesPerSecond / 1000)}</td>
      <td class="number">{shown(server.cpu, percent)}</td>
      <td class="number">
        {replaceable && server.role === 'active' && (
          <button type="button" class="small quiet" disabled={busy.value || !canReplace} title={canReplace ? '' : texts.noStandby} onClick={() => void replace()}>
            {texts.replace}
          </button>
        )}
      </td>
    </tr>
  )
}
