import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { t } from '../i18n'
import { distanceText } from '../i18n/units'
import type { Settings } from '../session/settings'
import type { Session } from '../session/session'

const STEPS = 100
const SETTLE_MS = 200

/** The radius, on a scale on which every tenth of the way is the same factor. */
export function RadiusSlider({ session, settings }: { session: Session; settings: Settings }) {
  const { minRadiusMetres: least, maxRadiusMetres: most } = settings
  const position = useSignal<number | null>(null)
  const metresAt = (step: number) => Math.round(least * (most / least) ** (step / STEPS))
  const stepOf = (metres: number) => Math.round((STEPS * Math.log(metres / least)) / Math.log(most / least))

  // While the slider is on its way, nothing is asked of the gateway.
  useEffect(() => {
    if (position.value === null) return
    const metres = metresAt(position.value)
    const timer = setTimeout(() => session.setRadius(metres), SETTLE_MS)
    return () => clearTimeout(timer)
  }, [position.value])

  const metres = position.value === null ? session.radius.value : metresAt(position.value)
  return (
    <div class="radius">
      <label for="radius">{t.value.radius.label}</label>
      <input
        id="radius" type="range" min={0} max={STEPS} value={position.value ?? stepOf(metres)} aria-valuetext={distanceText(metres)}
        onInput={(event) => (position.value = Number(event.currentTarget.value))}
      />
      <output for="radius">{distanceText(metres)}</output>
    </div>
  )
}
