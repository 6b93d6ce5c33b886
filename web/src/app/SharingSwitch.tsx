import { useSignal } from '@preact/signals'
import { t } from '../i18n'
import type { People } from '../people/people'
import type { Whereabouts } from '../place/whereabouts'
import type { Session } from '../session/session'
import { notify } from './notices'
import { sharingState } from './sharingState'

/** The switch, and in one line what friends see now. */
export function SharingSwitch({ session, whereabouts, people }: { session: Session; whereabouts: Whereabouts; people: People }) {
  const busy = useSignal(false)
  const on = session.sharing.value
  const texts = t.value.sharing
  const state = sharingState({
    sharing: on,
    isConnected: session.connection.value.is === 'connected',
    hasPlace: session.place.value !== null,
    following: session.following.value,
    problem: whereabouts.problem.value,
  })
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
      <span id="sharing-line" class="hint">{state === 'shared' && people.loaded.value ? texts.with(people.friends.value.length) : texts[state]}</span>
    </div>
  )
}
