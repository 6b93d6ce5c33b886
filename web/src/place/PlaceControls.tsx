import { t } from '../i18n'
import type { Session } from '../session/session'
import type { PlaceMode, Whereabouts } from './whereabouts'

const MODES: PlaceMode[] = ['pin', 'walk', 'device', 'follow']

/** The four ways to say where one is. */
export function PlaceControls({ session, whereabouts }: { session: Session; whereabouts: Whereabouts }) {
  const texts = t.value.place
  const mode = whereabouts.mode.value
  const problem = whereabouts.problem.value
  const isProblem = problem !== null || session.list.value.nothingToFollow
  return (
    <fieldset class="place" disabled={!session.sharing.value}>
      <legend>{texts.label}</legend>
      <div class="segments">
        {MODES.map((each) => (
          <label key={each} class={each === mode ? 'on' : ''}>
            <input type="radio" name="place" value={each} checked={each === mode} onChange={() => whereabouts.choose(each)} />
            <span>{texts[each]}</span>
          </label>
        ))}
      </div>
      <div role="status">
        <p class={`hint${isProblem ? ' problem' : ''}`}>{hint(session, whereabouts)}</p>
        {problem !== null && problem !== 'insecure' && (
          <button type="button" class="small quiet" onClick={() => whereabouts.askDevice()}>{texts.tryAgain}</button>
        )}
      </div>
    </fieldset>
  )
}

function hint(session: Session, whereabouts: Whereabouts): string {
  const texts = t.value.place
  if (whereabouts.problem.value) return texts[whereabouts.problem.value]
  if (whereabouts.mode.value === 'follow' && session.list.value.nothingToFollow) return texts.nothingToFollow
  return whereabouts.mode.value ? texts[`${whereabouts.mode.value}Hint`] : texts.none
}
