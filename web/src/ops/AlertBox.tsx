import { t } from '../i18n'
import type { Alert } from './alerts'

/** What needs a look now, in words; each by the name that docs/deployment.md explains. */
export function AlertBox({ alerts }: { alerts: Alert[] }) {
  const texts = t.value.ops
  return (
    <section class="box">
      <h2>{texts.alerts}</h2>
      <div role="status">
        {alerts.length === 0 && <p class="hint">{texts.noAlerts}</p>}
        {alerts.map(({ name, about }) => (
          <p key={name} class="warning">
            <strong>{name}</strong>{about && ` (${about})`}: {texts.alert[name]}
          </p>
        ))}
      </div>
    </section>
  )
}
