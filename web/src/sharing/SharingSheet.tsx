import { useSignal } from '@preact/signals'
import { Dialog } from '../app/Dialog'
import { notify } from '../app/notices'
import { t } from '../i18n'
import { FriendList } from '../people/FriendList'
import type { People } from '../people/people'
import { Person } from '../people/Person'
import type { Session } from '../session/session'
import { DURATION_NAMES, DURATIONS } from './durations'
import { VisibilityChoice } from './VisibilityChoice'

interface Props {
  session: Session
  people: People
  /** What friends see now, in one line. */
  line: string
  onClose(): void
}

/** Until when one shares, and what each friend sees. */
export function SharingSheet({ session, people, line, onClose }: Props) {
  const texts = t.value.sharing
  return (
    <Dialog title={texts.sheet} onClose={onClose}>
      <p role="status">{line}</p>
      <HowLong session={session} />
      <section>
        <h3>{texts.withWhom}</h3>
        <p class="hint">{people.loaded.value && people.friends.value.length === 0 ? texts.nobody : t.value.visibility.hint}</p>
        <FriendList people={people} label={texts.withWhom}>
          {(friend) => (
            <Person key={friend.id} id={friend.id} name={friend.displayName}>
              <VisibilityChoice friend={friend} session={session} people={people} />
            </Person>
          )}
        </FriendList>
      </section>
    </Dialog>
  )
}

function HowLong({ session }: { session: Session }) {
  const busy = useSignal(false)
  const texts = t.value.sharing
  const share = async (milliseconds: number | null) => {
    busy.value = true
    try {
      await session.client.setSharing(true, milliseconds === null ? null : Math.round(session.now() + milliseconds))
    } catch {
      notify(texts.failed)
    }
    busy.value = false
  }
  const isEndless = session.sharing.value && session.sharingUntil.value === null
  return (
    <fieldset class="how-long" disabled={busy.value}>
      <legend>{texts.howLong}</legend>
      {DURATION_NAMES.map((name) => (
        <button key={name} type="button" class="quiet" onClick={() => void share(DURATIONS[name])}>{t.value.durations[name]}</button>
      ))}
      <button type="button" class="quiet" aria-pressed={isEndless} onClick={() => void share(null)}>{texts.endless}</button>
    </fieldset>
  )
}
