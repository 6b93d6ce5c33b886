import type { ListedFriend } from '@nearbyfriends/client'
import { clock } from '../app/clock'
import { t } from '../i18n'
import { timeText } from '../i18n/units'
import type { People } from '../people/people'
import type { Session } from '../session/session'
import { DURATION_NAMES } from './durations'
import { LEVELS, optionValue, visibilityOf } from './visibilityOptions'

/** The value of what holds now and ends by itself; it is no choice of its own. */
const CURRENT = 'current'

interface Props {
  friend: ListedFriend
  session: Session
  people: People
}

/** What a friend sees of the user: exactly, approximately or nothing, with or without an end. */
export function VisibilityChoice({ friend, session, people }: Props) {
  const texts = t.value.visibility
  const { id, displayName, shows, showsUntil } = friend
  const choose = (select: HTMLSelectElement) => {
    const visibility = visibilityOf(select.value, session.now())
    if (visibility) void people.show(id, visibility)
  }
  return (
    <select
      class="choice" data-shows={shows} aria-label={texts.label(displayName)} value={showsUntil === undefined ? shows : CURRENT}
      onChange={(event) => choose(event.currentTarget)}
    >
      {showsUntil !== undefined && <option value={CURRENT}>{texts.until(texts[shows], timeText(showsUntil, session.now(clock.value)))}</option>}
      <optgroup label={texts.always}>
        {LEVELS.map((level) => <option key={level} value={level}>{texts[level]}</option>)}
      </optgroup>
      {DURATION_NAMES.map((lasts) => (
        <optgroup key={lasts} label={texts.lasts(t.value.durations[lasts])}>
          {LEVELS.map((level) => <option key={level} value={optionValue({ shows: level, lasts })}>{texts[level]}</option>)}
        </optgroup>
      ))}
    </select>
  )
}
