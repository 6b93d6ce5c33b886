import { useSignal } from '@preact/signals'
import { confirmed } from '../app/confirm'
import { notify } from '../app/notices'
import { localeTag, problem, t } from '../i18n'
import { ApiError } from '../session/api'
import type { OpsApi, Ring, Server } from './opsApi'

interface Props {
  ring: Ring
  api: OpsApi
  onChanged(): void
}

/** The pub/sub servers and what they carry; who has not taken the ring's last change over yet; channels held in place. */
export function RingTables({ ring, api, onChanged }: Props) {
  const texts = t.value.ops
  const hasStandby = ring.servers.some(({ role, healthy }) => role === 'standby' && healthy)
  const behind = ring.processes.filter(({ appliedEpoch }) => appliedEpoch !== ring.epoch)
  return (
    <section class="box">
      <h2>{texts.ring} <span class="hint">{ring.transport} · {ring.channels}</span></h2>
      <div class="table" tabIndex={0} role="region" aria-label={texts.ring}>
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
              <ServerRow key={server.name} server={server} api={api} canReplace={hasStandby} onChanged={onChanged} />
            ))}
          </tbody>
        </table>
      </div>
      <p class="hint">
        {behind.length === 0 ? texts.allApplied(ring.processes.length) : texts.behind(behind.map(({ id }) => id).join(', '))}
        {ring.pins.length > 0 && ` ${texts.pins}: ${ring.pins.map(({ channel, server }) => `${channel} → ${server}`).join(', ')}.`}
      </p>
    </section>
  )
}

function ServerRow({ server, api, canReplace, onChanged }: { server: Server; api: OpsApi; canReplace: boolean; onChanged(): void }) {
  const busy = useSignal(false)
  const texts = t.value.ops
  const number = new Intl.NumberFormat(localeTag(), { maximumFractionDigits: 1 })
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
  const isWell = server.healthy && server.role !== 'dead'
  return (
    <tr data-server={server.name}>
      <th scope="row" title={server.place}>{server.name}</th>
      <td>
        <span class={`pill ${isWell ? (server.role === 'active' ? 'live' : '') : 'stopped'}`}>{isWell ? texts.roles[server.role] : texts.roles.dead}</span>
      </td>
      <td class="channels">{server.channels.length > 0 ? server.channels.join(' ') : '–'}</td>
      <td class="number">{number.format(server.messagesPerSecond)}</td>
      <td class="number">{number.format(server.bytesPerSecond / 1000)}</td>
      <td class="number">{percent.format(server.cpu)}</td>
      <td class="number">
        {server.role === 'active' && (
          <button type="button" class="small quiet" disabled={busy.value || !canReplace} title={canReplace ? '' : texts.noStandby} onClick={() => void replace()}>
            {texts.replace}
          </button>
        )}
      </td>
    </tr>
  )
}
