import type { LatLon } from '@nearbyfriends/client'
import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { Day } from '../day/day'
import { language, t } from '../i18n'
import { isListDue } from '../list/isListDue'
import { CITY_CENTRE, type Whereabouts } from '../place/whereabouts'
import type { Session } from '../session/session'
import type { Settings } from '../session/settings'
import { Camera } from './camera'
import { createGround } from './createGround'
import { friendsFirst } from './friendsFirst'
import type { Ground, Padding } from './ground'
import { PlainGround } from './plainGround'
import { populate } from './populate'

interface Props {
  session: Session
  whereabouts: Whereabouts
  day: Day
  settings: Settings
  padding: Padding
}

/** The map with everybody on it. */
export function MapView({ session, whereabouts, day, settings, padding }: Props) {
  const container = useRef<HTMLDivElement>(null)
  const ground = useRef<Ground | null>(null)
  const camera = useSignal<Camera | null>(null)
  const covered = useRef(padding)

  useEffect(() => {
    if (!container.current) return
    const element = container.current
    let gone = false
    let end = () => {}
    const start = async () => {
      await friendsFirst(() => isListDue(session, whereabouts))
      if (gone) return
      const place = session.place.value ?? (settings.development ? CITY_CENTRE : null)
      const made = await createGround({ container: element, settings, place, title: t.value.map.canvas, language: language.value })
      if (gone) {
        made.remove()
        return
      }
      ground.current = made
      made.setPadding(covered.current)
      const eye = new Camera(made)
      end = populate(made, eye, { session, whereabouts, day })
      camera.value = eye
    }
    void start()
    return () => {
      gone = true
      end()
      ground.current?.remove()
      ground.current = null
    }
  }, [session])

  useEffect(() => {
    covered.current = padding
    ground.current?.setPadding(padding)
  }, [padding.top, padding.right, padding.bottom, padding.left])

  const comeBack = () => {
    const centre = session.place.value ?? middleOf(session)
    if (centre) camera.value?.comeBack(centre, session.radius.value)
  }
  const texts = t.value.map
  const follows = camera.value?.follows.value ?? true
  return (
    <section class="map" aria-label={texts.label}>
      <div class="map-ground" ref={container} />
      <div class="map-buttons">
        <button type="button" title={texts.zoomIn} aria-label={texts.zoomIn} onClick={() => ground.current?.zoomBy(1)}>+</button>
        <button type="button" title={texts.zoomOut} aria-label={texts.zoomOut} onClick={() => ground.current?.zoomBy(-1)}>−</button>
        <button type="button" class={follows ? '' : 'primary'} title={texts.comeBack} aria-label={texts.comeBack} aria-pressed={follows} onClick={comeBack}>
          <svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true"><circle cx="12" cy="12" r="8" fill="none" stroke="currentColor" stroke-width="2" /><circle cx="12" cy="12" r="2.6" fill="currentColor" /></svg>
        </button>
      </div>
      {whereabouts.proposed.value && <MoveHere whereabouts={whereabouts} />}
      {ground.current instanceof PlainGround && <p class="map-note">{texts.plain}</p>}
    </section>
  )
}

/** A tap may be a mistake: it is asked about before friends see it. */
function MoveHere({ whereabouts }: { whereabouts: Whereabouts }) {
  const texts = t.value.map
  return (
    <div class="map-question" role="alertdialog" aria-label={texts.moveHere}>
      <button type="button" class="primary" onClick={() => whereabouts.accept()}>{texts.moveHere}</button>
      <button type="button" class="quiet" onClick={() => whereabouts.dismiss()}>{t.value.people.cancel}</button>
    </div>
  )
}

/** A second screen does not know where its user is, but who is near is all around. */
function middleOf(session: Session): LatLon | null {
  const { friends } = session.list.value
  return friends[Math.floor(friends.length / 2)] ?? null
}
