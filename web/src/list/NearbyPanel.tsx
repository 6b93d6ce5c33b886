import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { clock } from '../app/clock'
import { selected } from '../app/selection'
import { t } from '../i18n'
import { agoText, distanceText } from '../i18n/units'
import { Avatar } from '../people/Avatar'
import { FriendActions } from '../people/FriendActions'
import type { People } from '../people/people'
import type { Session } from '../session/session'
import type { NearbyFriend } from '@nearbyfriends/client'

const FADE_MS = 600

/** The list, nearest first: what the map shows, for everybody. */
export function NearbyPanel({ session, people }: { session: Session; people: People }) {
  const pages = useSignal(1)
  const leaving = useLeaving(session)
  const texts = t.value.list
  const pageSize = session.welcome.value?.pageSize ?? 20
  const { friends: known, ...list } = session.list.value
  // On a page that was not asked for, a friend who comes near moves before being named; the friends' list knows the name.
  const named = known.map((friend) => ({ ...friend, name: friend.name ?? people.nameOf(friend.id) })).filter((friend) => friend.name)
  const limit = pages.value * pageSize
  const shown = named.slice(0, limit)
  const total = Math.max(list.total, named.length)
  const more = named.length > shown.length || list.hasMore ? Math.min(pageSize, total - shown.length) : 0

  if (!session.sharing.value) return <Empty title={texts.hidden} />
  if (!list.isOpen) return <Empty title={session.place.value || session.following.value ? texts.waiting : t.value.place.none} />
  return (
    <>
      <h2 class="list-title">
        {texts.title} <span class="count">{texts.count(shown.length, total)}</span>
      </h2>
      {list.isPartial && <p class="hint">{texts.partial}</p>}
      {shown.length === 0 && leaving.length === 0 && <Empty title={texts.empty} text={texts.emptyMore} />}
      <ul class="friends" aria-label={texts.title}>
        {merge(shown, leaving).map((friend) => (
          <Row key={friend.id} friend={friend} session={session} people={people} isLeaving={leaving.includes(friend)} />
        ))}
      </ul>
      {more > 0 && (
        <button type="button" class="quiet wide" onClick={() => pages.value++}>{texts.more(more)}</button>
      )}
    </>
  )
}

function Row({ friend, session, people, isLeaving }: { friend: NearbyFriend; session: Session; people: People; isLeaving: boolean }) {
  const row = useRef<HTMLLIElement>(null)
  const name = friend.name ?? ''
  const isSelected = selected.value?.id === friend.id
  useEffect(() => {
    if (isSelected && selected.peek()?.from === 'map') row.current?.scrollIntoView({ block: 'nearest' })
  }, [isSelected])
  const ago = agoText(Math.max(0, session.now(clock.value) - friend.time))
  return (
    <li ref={row} class={`friend${isSelected ? ' selected' : ''}${isLeaving ? ' leaving' : ''}`} data-friend={friend.id} data-lat={friend.lat} data-lon={friend.lon}>
      <button type="button" class="friend-main" title={t.value.list.showOnMap(name)} aria-pressed={isSelected} onClick={() => (selected.value = { id: friend.id, from: 'list' })}>
        <Avatar id={friend.id} name={name} />
        <span class="friend-text">
          <span class="friend-name">{name}</span>
          <span class="friend-ago">{ago}</span>
        </span>
        <span class="friend-distance">{distanceText(friend.distance)}</span>
      </button>
      <FriendActions id={friend.id} name={name} people={people} />
    </li>
  )
}

function Empty({ title, text }: { title: string; text?: string }) {
  return (
    <div class="empty">
      <p>{title}</p>
      {text && <p class="hint">{text}</p>}
    </div>
  )
}

/** Who has just left, for as long as they fade. */
function useLeaving(session: Session): NearbyFriend[] {
  const leaving = useSignal<NearbyFriend[]>([])
  useEffect(
    () =>
      session.client.on('left', (event) => {
        if (!event.friend.name) return
        leaving.value = [...leaving.value, event.friend]
        setTimeout(() => (leaving.value = leaving.value.filter((friend) => friend !== event.friend)), FADE_MS)
      }),
    [session],
  )
  return leaving.value
}

/** Who leaves does so from where they stood. */
function merge(shown: NearbyFriend[], leaving: NearbyFriend[]): NearbyFriend[] {
  const present = new Set(shown.map(({ id }) => id))
  const gone = leaving.filter(({ id }) => !present.has(id))
  return gone.length === 0 ? shown : [...shown, ...gone].sort((a, b) => a.distance - b.distance)
}
