import { effect, useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { t } from '../i18n'
import type { LatLon } from '@nearbyfriends/client'
import { CITY_CENTRE, type Whereabouts } from '../place/whereabouts'
import type { Session } from '../session/session'
import type { Settings } from '../session/settings'
import { selected } from '../app/selection'
import type { City } from './city'
import type { Ground, Padding } from './ground'
import { Markers } from './markers'
import { PlainGround } from './plainGround'
import { SelfMarker } from './selfMarker'

interface Props {
  session: Session
  whereabouts: Whereabouts
  settings: Settings
  city: City | null
  padding: Padding
}

const darkScreen = matchMedia('(prefers-color-scheme: dark)')
const reducedMotion = matchMedia('(prefers-reduced-motion: reduce)')

/** The map with everybody on it. */
export function MapView({ session, whereabouts, settings, city, padding }: Props) {
  const container = useRef<HTMLDivElement>(null)
  const ground = useRef<Ground | null>(null)
  const plain = useSignal(false)

  useEffect(() => {
    if (!container.current) return
    const element = container.current
    let gone = false
    let end = () => {}
    void createGround(element, settings, city, session.place.value ?? CITY_CENTRE).then((made) => {
      if (gone) {
        made.remove()
        return
      }
      ground.current = made
      plain.value = made instanceof PlainGround
      made.setPadding(padding)
      end = populate(made, session, whereabouts)
    })
    return () => {
      gone = true
      end()
      ground.current?.remove()
      ground.current = null
    }
  }, [session])

  useEffect(() => ground.current?.setPadding(padding), [padding.top, padding.right, padding.bottom, padding.left])

  const fit = () => {
    const centre = session.place.value ?? middleOf(session)
    if (centre) ground.current?.fit(centre, session.radius.value, true)
  }
  const texts = t.value.map
  return (
    <section class="map" aria-label={texts.label}>
      <div class="map-ground" ref={container} />
      <div class="map-buttons">
        <button type="button" title={texts.zoomIn} aria-label={texts.zoomIn} onClick={() => ground.current?.zoomBy(1)}>+</button>
        <button type="button" title={texts.zoomOut} aria-label={texts.zoomOut} onClick={() => ground.current?.zoomBy(-1)}>−</button>
        <button type="button" title={texts.fit} aria-label={texts.fit} onClick={fit}>
          <svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true"><circle cx="12" cy="12" r="8" fill="none" stroke="currentColor" stroke-width="2" /><circle cx="12" cy="12" r="2.6" fill="currentColor" /></svg>
        </button>
      </div>
      {plain.value && <p class="map-note">{texts.plain}</p>}
    </section>
  )
}

/** MapLibre where there is WebGL; its code is fetched only then. */
async function createGround(container: HTMLElement, settings: Settings, city: City | null, centre: LatLon): Promise<Ground> {
  try {
    const { MapLibreGround } = await import('./mapLibreGround')
    return new MapLibreGround({
      container, city, centre,
      style: settings.style,
      darkStyle: settings.darkStyle,
      dark: darkScreen.matches,
      reducedMotion: reducedMotion.matches,
      title: t.value.map.canvas,
    })
  } catch (failure) {
    console.warn(`Without WebGL: ${failure instanceof Error ? failure.message.slice(0, 200) : String(failure)}`)
    container.replaceChildren()
    return new PlainGround(container, city, darkScreen.matches, centre)
  }
}

/** Puts everybody on the ground, and keeps them there; returns how to end that. */
function populate(ground: Ground, session: Session, whereabouts: Whereabouts): () => void {
  const markers = new Markers(ground, reducedMotion.matches, (id) => (selected.value = { id, from: 'map' }))
  const self = new SelfMarker(ground, (place) => whereabouts.put(place))
  const onTheme = () => ground.setDark(darkScreen.matches)
  darkScreen.addEventListener('change', onTheme)
  ground.onTap((place) => {
    const { value: mode } = whereabouts.mode
    if ((mode === 'pin' || mode === null) && session.sharing.value) whereabouts.put(place)
    else selected.value = null
  })

  let fitted = 0
  const ends = [
    effect(() => markers.show(session.list.value.friends, t.value.map.unnamed)),
    effect(() => self.show(session.place.value, whereabouts.mode.value !== 'follow', t.value.you, t.value.place.self)),
    effect(() => {
      const centre = session.place.value ?? (session.following.value ? middleOf(session) : null)
      ground.setCircle(session.sharing.value && !session.following.value ? centre : null, session.radius.value)
      // The first time, and when the circle becomes another one; not while one moves.
      if (centre && fitted !== session.radius.value) {
        ground.fit(centre, session.radius.value, fitted > 0)
        fitted = session.radius.value
      }
    }),
    effect(() => {
      markers.select(selected.value?.id ?? null)
      const friend = selected.value?.from === 'list' ? session.list.peek().friends.find(({ id }) => id === selected.value?.id) : undefined
      if (friend) ground.panTo(friend)
    }),
  ]
  return () => {
    ends.forEach((end) => end())
    darkScreen.removeEventListener('change', onTheme)
    markers.remove()
    self.remove()
  }
}

/** A second screen does not know where its user is, but who is near is all around. */
function middleOf(session: Session): LatLon | null {
  const friends = session.list.value.friends
  if (friends.length === 0) return null
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  return { lat: mean(friends.map(({ lat }) => lat)), lon: mean(friends.map(({ lon }) => lon)) }
}
