import type { LatLon } from '@nearbyfriends/client'
import type { Settings } from '../session/settings'
import type { World } from '../world/world'
import { loadCity } from './city'
import type { Ground } from './ground'
import { PlainGround } from './plainGround'

const darkScreen = matchMedia('(prefers-color-scheme: dark)')

export interface GroundRequest {
  container: HTMLElement
  settings: Settings
  /** Where to begin; null: the whole world. */
  place: LatLon | null
  title: string
  language: string
}

/** MapLibre where there is WebGL, whose code is fetched only then; and the plain ground elsewhere. Both follow the screen's colours. */
export async function createGround(request: GroundRequest): Promise<Ground> {
  const ground = await create(request)
  const onTheme = () => ground.setDark(darkScreen.matches)
  darkScreen.addEventListener('change', onTheme)
  const { remove } = ground
  ground.remove = () => {
    darkScreen.removeEventListener('change', onTheme)
    remove.call(ground)
  }
  return ground
}

async function create({ container, settings, place, title, language }: GroundRequest): Promise<Ground> {
  const centre = place ?? { lat: 20, lon: 0 }
  const [city, maplibre] = await Promise.all([loadCity(), import('./mapLibreGround').catch(() => null)])
  const loadWorld = async (): Promise<World | null> => (await import('../world/world')).loadWorld(language)
  try {
    if (!maplibre) throw new Error('the map library did not load')
    return new maplibre.MapLibreGround({
      container, city, centre, title, loadWorld,
      zoom: place ? 11 : 1.5,
      style: settings.style,
      darkStyle: settings.darkStyle,
      dark: darkScreen.matches,
      reducedMotion: matchMedia('(prefers-reduced-motion: reduce)').matches,
    })
  } catch (failure) {
    console.warn(`Showing the plain map: ${failure instanceof Error ? failure.message.slice(0, 200) : String(failure)}`)
    container.replaceChildren()
    return new PlainGround({ container, city, centre, loadWorld, dark: darkScreen.matches, scale: place ? 4_000 : 5 })
  }
}
