import type { FoundUser } from '@nearbyfriends/client'
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Alerts } from '../alerts/alerts'
import { NoticeSettings } from '../alerts/NoticeSettings'
import type { Push } from '../alerts/push'
import type { Day } from '../day/day'
import { t } from '../i18n'
import type { Session } from '../session/session'
import { FriendActions } from './FriendActions'
import { FriendList } from './FriendList'
import { invitedBy, withoutInvitation } from './invite'
import type { People } from './people'
import { Person } from './Person'
import { Profile } from './Profile'

interface Props {
  session: Session
  people: People
  day: Day
  alerts: Alerts
  push: Push
  onSignOut(): void
}

/** Finding people, answering them, the list of all friends, and oneself. */
export function PeoplePanel({ session, people, day, alerts, push, onSignOut }: Props) {
  const texts = t.value.people
  const waiting = people.outgoing.value
  // A change that was sent while there was no connection is not sent again.
  useEffect(() => void people.refresh(), [people])
  return (
    <>
      <Find session={session} people={people} />
      {people.incoming.value.length > 0 && (
        <section>
          <h2 class="list-title">{texts.incoming}</h2>
          <ul class="friends" aria-label={texts.incoming}>
            {people.incoming.value.map((request) => (
              <Person key={request.id} id={request.from} name={request.displayName}>
                <button type="button" class="small primary" onClick={() => void people.answer(request, 'accept')}>{texts.accept}</button>
                <button type="button" class="small quiet" onClick={() => void people.answer(request, 'decline')}>{texts.decline}</button>
              </Person>
            ))}
          </ul>
        </section>
      )}
      {waiting.length > 0 && (
        <section>
          <h2 class="list-title">{texts.outgoing}</h2>
          <ul class="friends" aria-label={texts.outgoing}>
            {waiting.map((request) => (
              <Person key={request.id} id={request.to} name={request.displayName}>
                <button type="button" class="small quiet" onClick={() => void people.cancel(request)}>{texts.takeBack}</button>
              </Person>
            ))}
          </ul>
        </section>
      )}
      <Friends people={people} alerts={alerts} />
      <NoticeSettings alerts={alerts} push={push} />
      <Profile session={session} day={day} onSignOut={onSignOut} />
      {people.blocks.value.length > 0 && (
        <section>
          <h2 class="list-title">{texts.blocked}</h2>
          <ul class="friends" aria-label={texts.blocked}>
            {people.blocks.value.map((user) => (
              <Person key={user.id} id={user.id} name={user.displayName}>
                <button type="button" class="small quiet" onClick={() => void people.unblock(user.id)}>{texts.unblock}</button>
              </Person>
            ))}
          </ul>
        </section>
      )}
    </>
  )
}

function Find({ session, people }: { session: Session; people: People }) {
  const texts = t.value.people
  const invitation = invitedBy(location.search)
  const userName = useSignal(invitation ?? '')
  const found = useSignal<FoundUser | 'nobody' | null>(null)
  const busy = useSignal(false)

  const search = async () => {
    if (!userName.value.trim()) return
    busy.value = true
    found.value = (await people.find(userName.value.trim())) ?? 'nobody'
    busy.value = false
  }
  useEffect(() => {
    if (invitation === null) return
    history.replaceState(null, '', withoutInvitation(location.href))
    void search()
  }, [])
  const submit = (event: Event) => {
    event.preventDefault()
    void search()
  }
  const user = found.value === 'nobody' ? null : found.value
  return (
    <form class="find" role="search" onSubmit={submit}>
      <label for="find-name">{texts.find}</label>
      <div class="row">
        <input
          id="find-name" type="search" autocomplete="off" autocapitalize="none" spellcheck={false} maxLength={32} value={userName.value}
          onInput={(event) => {
            userName.value = event.currentTarget.value
            found.value = null
          }}
        />
        <button type="submit" disabled={busy.value}>{texts.findAction}</button>
      </div>
      <div role="status">
        {found.value === 'nobody' && <p class="hint">{texts.notFound}</p>}
        {user && (
          <ul class="friends">
            <Person id={user.id} name={user.displayName} detail={`@${user.userName}`}>
              <FoundAction user={user} session={session} people={people} />
            </Person>
          </ul>
        )}
      </div>
    </form>
  )
}

function FoundAction({ user, session, people }: { user: FoundUser; session: Session; people: People }) {
  const texts = t.value.people
  if (user.id === session.me.value.id) return <span class="hint">{texts.itIsYou}</span>
  if (people.nameOf(user.id)) return <span class="hint">{texts.friends}</span>
  if (people.outgoing.value.some(({ to }) => to === user.id)) return <span class="hint">{texts.asked}</span>
  return <button type="button" class="small primary" onClick={() => void people.ask(user)}>{texts.ask}</button>
}

function Friends({ people, alerts }: { people: People; alerts: Alerts }) {
  const texts = t.value.people
  return (
    <section>
      <h2 class="list-title">{texts.friends} <span class="count">{people.friends.value.length}</span></h2>
      {people.loaded.value && people.friends.value.length === 0 && <p class="hint">{texts.noFriends}</p>}
      <FriendList people={people} label={texts.friends}>
        {(friend) => (
          <Person key={friend.id} id={friend.id} name={friend.displayName}>
            <FriendActions id={friend.id} name={friend.displayName} people={people} alerts={alerts} />
          </Person>
        )}
      </FriendList>
    </section>
  )
}
