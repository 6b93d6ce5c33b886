import { useSignal, useSignalEffect } from '@preact/signals'
import { t } from '../i18n'
import { distanceText } from '../i18n/units'
import type { Session } from '../session/session'
import type { Settings } from '../session/settings'
import { PlaceControls } from './PlaceControls'
import { RadiusSlider } from './RadiusSlider'
import type { Whereabouts } from './whereabouts'

const narrow = matchMedia('(max-width: 720px)')

/** Where one is and how far one looks; on a phone it folds into one line once that is said, for the sake of the list. */
export function Where({ session, whereabouts, settings }: { session: Session; whereabouts: Whereabouts; settings: Settings }) {
  const isFolded = () => narrow.matches && whereabouts.mode.value !== null && whereabouts.problem.value === null
  const isOpen = useSignal(!isFolded())
  useSignalEffect(() => {
    isOpen.value = !isFolded()
  })
  const texts = t.value
  const mode = whereabouts.mode.value
  return (
    <details class="where" open={isOpen.value} onToggle={(event) => (isOpen.value = event.currentTarget.open)}>
      <summary>
        <span>{mode ? texts.place[mode] : texts.place.label}</span>
        <span class="hint">{texts.radius.label} {distanceText(session.radius.value)}</span>
      </summary>
      <div class="where-body">
        {mode === null && <p class="hint">{texts.place.intro}</p>}
        <PlaceControls session={session} whereabouts={whereabouts} />
        <RadiusSlider session={session} settings={settings} />
      </div>
    </details>
  )
}
