import { t } from '../i18n'
import { distanceText } from '../i18n/units'
import type { Alerts } from './alerts'

/** Metres. */
const DISTANCES = [100, 250, 500, 1_000, 2_000, 5_000]

interface Props {
  alerts: Alerts
  /** A friend's id, or `ANYONE`. */
  userId: string
  label: string
}

/** Within which distance the user is told of a friend. */
export function AlertChoice({ alerts, userId, label }: Props) {
  const texts = t.value.alerts
  const within = alerts.within.value.get(userId)
  const offered = within === undefined || DISTANCES.includes(within) ? DISTANCES : [...DISTANCES, within].sort((a, b) => a - b)
  return (
    <select
      class="choice" aria-label={label} value={within ?? ''}
      onChange={({ currentTarget: { value } }) => void alerts.set(userId, value === '' ? null : Number(value))}
    >
      <option value="">{texts.off}</option>
      {offered.map((metres) => <option key={metres} value={metres}>{texts.within(distanceText(metres))}</option>)}
    </select>
  )
}
