import type { NearbyFriend } from '@nearbyfriends/client'
import { useCallback, useEffect, useRef } from 'preact/hooks'
import { AlertChoice } from '../alerts/AlertChoice'
import type { Alerts } from '../alerts/alerts'
import { clock } from '../app/clock'
import { confirmed } from '../app/confirm'
import { useEscape } from '../app/escape'
import { selected } from '../app/selection'
import { windTo } from '../geo/direction'
import { t } from '../i18n'
import { agoText, distanceText } from '../i18n/units'
import { freshness } from '../map/freshness'
import { Avatar } from '../people/Avatar'
import type { People } from '../people/people'
import type { Session } from '../session/session'
import { VisibilityChoice } from '../sharing/VisibilityChoice'
import { directionsTo } from './directions'

interface Props {
  session: Session
  people: People
  alerts: Alerts
}

/** The friend that somebody chose on the map or in the list. */
export function FriendCard(props: Props) {
  const id = selected.value?.id
  const friend = props.session.list.value.friends.find((each) => each.id === id)
  return friend ? <Card key={friend.id} friend={friend} {...props} /> : null
}

function Card({ friend, session, people, alerts }: Props & { friend: NearbyFriend }) {
  const card = useRef<HTMLElement>(null)
  const { card: texts, people: actions } = t.value
  const name = friend.name ?? people.nameOf(friend.id) ?? t.value.map.unnamed
  const close = useCallback(() => closeCard(friend.id), [friend.id])
  useEscape(close)
  // Who chose on the map is taken to what the map cannot say; who chose a row stays there.
  useEffect(() => {
    if (selected.peek()?.from === 'map') card.current?.focus({ preventScroll: true })
  }, [])

  const unfriend = async () => {
    if (await confirmed(actions.confirmUnfriend(name), actions.unfriend)) await people.unfriend(friend.id, name)
  }
  const block = async () => {
    if (await confirmed(actions.confirmBlock(name), actions.block)) await people.block(friend.id, name)
  }
  return (
    <aside ref={card} class="friend-card" tabIndex={-1} aria-label={name} data-card={friend.id}>
      <header class="row">
        <Avatar id={friend.id} name={name} />
        <h2><bdi>{name}</bdi></h2>
        <button type="button" class="quiet close" aria-label={t.value.close} title={t.value.close} onClick={close}>×</button>
      </header>
      <Facts friend={friend} name={name} session={session} people={people} alerts={alerts} />
      <div class="card-actions">
        <a class="button primary" href={directionsTo(friend, name, navigator.userAgent)} target="_blank" rel="noreferrer">{texts.directions}</a>
        <button type="button" class="quiet" onClick={() => void unfriend()}>{actions.unfriend}</button>
        <button type="button" class="quiet danger-text" onClick={() => void block()}>{actions.block}</button>
      </div>
    </aside>
  )
}

function Facts({ friend, name, session, people, alerts }: Props & { friend: NearbyFriend; name: string }) {
  const texts = t.value.card
  const age = Math.max(0, session.now(clock.value) - friend.time)
  const place = session.place.value
  const listed = people.friends.value.find(({ id }) => id === friend.id)
  const wind = place ? ` ${texts.winds[windTo(place, friend)]}` : ''
  return (
    <dl class="facts">
      <dt>{texts.distance}</dt>
      <dd>{distanceText(friend.distance)}{wind}</dd>
      <dt>{texts.seen}</dt>
      <dd data-age={freshness(age, session.welcome.value?.inactiveAfterMs ?? Infinity)}>{agoText(age)}</dd>
      {(friend.approximate || friend.accuracy !== undefined) && (
        <>
          <dt>{texts.accuracy}</dt>
          <dd>{friend.approximate ? texts.approximate : texts.within(distanceText(friend.accuracy ?? 0))}</dd>
        </>
      )}
      {listed && (
        <>
          <dt>{t.value.visibility.title}</dt>
          <dd><VisibilityChoice friend={listed} session={session} people={people} /></dd>
          <dt>{t.value.alerts.card}</dt>
          <dd><AlertChoice alerts={alerts} userId={friend.id} label={t.value.alerts.label(name)} /></dd>
        </>
      )}
    </dl>
  )
}

/** The focus goes back to the friend's row, where there is one. */
function closeCard(id: string): void {
  selected.value = null
  document.querySelector<HTMLElement>(`li[data-friend="${CSS.escape(id)}"] button`)?.focus()
}
