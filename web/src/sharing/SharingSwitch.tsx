import { useSignal } from '@preact/signals'
import { clock } from '../app/clock'
import { notify } from '../app/notices'
import { t } from '../i18n'
import { timeText } from '../i18n/units'
import type { People } from '../people/people'
import type { Whereabouts } from '../place/whereabouts'
import type { Session } from '../session/session'
import { SharingSheet } from './SharingSheet'
import { sharingState } from './sharingState'
import { countSeeing } from './visibilityOptions'

interface Props {
  session: Session
  whereabouts: Whereabouts
  people: People
}

/** The switch, and in one line what friends see now; the line opens the details. */
export function SharingSwitch({ session, whereabouts, people }: Props) {
  const busy = useSignal(false)
  const isOpen = useSignal(false)
  const on = session.sharing.value
  const texts = t.value.sharing
  const line = useLine({ session, whereabouts, people })
  const toggle = async () => {
    busy.value = true
    try {
      await session.client.setSharing(!on)
    } catch {
      notify(texts.failed)
    }
    busy.value = false
  }
  return (
    <div class="sharing">
      <button type="button" role="switch" class="switch" aria-checked={on} aria-describedby="sharing-line" disabled={busy.value} onClick={() => void toggle()}>
        <span class="track" aria-hidden="true"><span class="thumb" /></span>
        <span>{texts.label}</span>
      </button>
      <button type="button" id="sharing-line" class="sharing-line hint" aria-haspopup="dialog" title={texts.sheet} onClick={() => (isOpen.value = true)}>{line}</button>
      {isOpen.value && <SharingSheet session={session} people={people} line={line} onClose={() => (isOpen.value = false)} />}
    </div>
  )
}

function useLine({ session, whereabouts, people }: Props): string {
  const texts = t.value.sharing
  const until = session.sharingUntil.value
  const now = session.now(clock.value)
  const state = sharingState({
    // The gateway says so too, unless there is no connection.
    sharing: session.sharing.value && (until === null || now < until),
    isConnected: session.connection.value.is === 'connected',
    wasConnected: session.welcome.value !== null,
    hasPlace: session.place.value !== null,
    following: session.following.value,
    problem: whereabouts.problem.value,
  })
  if (state !== 'shared' || !people.loaded.value) return texts[state]
  if (people.friends.value.length === 0) return texts.alone
  return texts.with(countSeeing(people.friends.value), until === null ? null : timeText(until, now))
}
