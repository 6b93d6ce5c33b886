import type { ListedFriend } from '@nearbyfriends/client'
import { useSignal } from '@preact/signals'
import { t } from '../i18n'
import type { People } from './people'

const PAGE = 20

interface Props {
  people: People
  label: string
  /** The row of a friend. */
  children(friend: ListedFriend): preact.ComponentChildren
}

/** All friends by name, a page at a time; many can be searched. */
export function FriendList({ people, label, children }: Props) {
  const texts = t.value.people
  const filter = useSignal('')
  const limit = useSignal(PAGE)
  const all = people.friends.value
  const matching = all.filter(({ displayName }) => displayName.toLocaleLowerCase().includes(filter.value.toLocaleLowerCase()))
  const shown = matching.slice(0, limit.value)
  const more = Math.min(PAGE, matching.length - shown.length)
  return (
    <>
      {all.length > PAGE && (
        <input class="filter" type="search" aria-label={texts.filter} placeholder={texts.filter} value={filter.value} onInput={(event) => (filter.value = event.currentTarget.value)} />
      )}
      {shown.length > 0 && <ul class="friends" aria-label={label}>{shown.map(children)}</ul>}
      {more > 0 && <button type="button" class="quiet wide" onClick={() => (limit.value += PAGE)}>{texts.more(more)}</button>}
    </>
  )
}
