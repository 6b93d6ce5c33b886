import type { NearbyFriend } from '@nearbyfriends/client'
import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { clock } from '../app/clock'
import { selected } from '../app/selection'
import { t } from '../i18n'
import { agoText, distanceText } from '../i18n/units'
import { freshness } from '../map/freshness'
import { Avatar } from '../people/Avatar'
import type { People } from '../people/people'
import type { Session } from '../session/session'

const FADE_MS = 600

interface Props {
  session: Session
  people: People
  onFindPeople(): void
}

/** The list, nearest first: the same friends as on the map, a page at a time. */
export function NearbyPanel({ session, people, onFindPeople }: Props) {
  const pages = useSignal(1)
  const leaving = useLeaving(session)
  const texts = t.value.list
  const pageSize = session.welcome.value?.pageSize ?? 20
  const list = session.list.value
  const shown = list.friends.slice(0, pages.value * pageSize)
  // Until the last page has come, the gateway knows of more.
  const total = Math.max(list.total, list.friends.length)
  const more = Math.min(pageSize, total - shown.length)

  if (!session.sharing.value) return <Empty title={texts.hidden} />
  if (people.loaded.value && people.friends.value.length === 0) {
    return (
      <Empty title={texts.noFriends} text={texts.noFriendsMore}>
        <button type="button" class="primary" onClick={onFindPeople}>{texts.findPeople}</button>
      </Empty>
    )
  }
  if (!list.isOpen) return <Empty title={session.place.value || session.following.value ? texts.waiting : texts.noPlace} />
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
  // A friend on a page that has not come yet may move before being named.
  const name = friend.name ?? people.nameOf(friend.id) ?? t.value.map.unnamed
  const isSelected = selected.value?.id === friend.id
  useEffect(() => {
    if (isSelected && selected.peek()?.from === 'map') row.current?.scrollIntoView({ block: 'nearest' })
  }, [isSelected])
  const age = Math.max(0, session.now(clock.value) - friend.time)
  return (
    <li ref={row} class={`friend${isSelected ? ' selected' : ''}${isLeaving ? ' leaving' : ''}`} data-friend={friend.id} data-lat={friend.lat} data-lon={friend.lon}>
      <button type="button" class="friend-main" title={t.value.list.showOnMap(name)} aria-pressed={isSelected} onClick={() => (selected.value = { id: friend.id, from: 'list' })}>
        <Avatar id={friend.id} name={name} />
        <span class="friend-text">
          <bdi class="friend-name">{name}</bdi>
          <span class="friend-ago" data-age={freshness(age, session.welcome.value?.inactiveAfterMs ?? Infinity)}>{agoText(age)}</span>
        </span>
        <span class="friend-distance">{distanceText(friend.distance)}</span>
      </button>
    </li>
  )
}

function Empty({ title, text, children }: { title: string; text?: string; children?: preact.ComponentChildren }) {
  return (
    <div class="empty">
      <p>{title}</p>
      {text && <p class="hint">{text}</p>}
      {children}
    </div>
  )
}

/** Who has just left, for as long as they fade. */
function useLeaving(session: Session): NearbyFriend[] {
  const leaving = useSignal<NearbyFriend[]>([])
  useEffect(
    () =>
      session.client.on('left', ({ friend }) => {
        leaving.value = [...leaving.value, friend]
        setTimeout(() => (leaving.value = leaving.value.filter((each) => each !== friend)), FADE_MS)
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
