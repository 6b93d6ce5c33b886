import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { t } from '../i18n'
import { NearbyPanel } from '../list/NearbyPanel'
import type { City } from '../map/city'
import type { Padding } from '../map/ground'
import { MapView } from '../map/MapView'
import { Avatar } from '../people/Avatar'
import type { People } from '../people/people'
import { PeoplePanel } from '../people/PeoplePanel'
import { PlaceControls } from '../place/PlaceControls'
import { RadiusSlider } from '../place/RadiusSlider'
import type { Whereabouts } from '../place/whereabouts'
import type { Settings } from '../session/settings'
import type { Session } from '../session/session'
import { forgetUser } from '../signin/signIn'
import { ConnectionPill } from './ConnectionPill'
import { LanguageChoice } from './LanguageChoice'
import { SharingSwitch } from './SharingSwitch'

interface Props {
  session: Session
  people: People
  whereabouts: Whereabouts
  settings: Settings
  city: City | null
  onSignOut(): void
}

type Tab = 'nearby' | 'people'

const TABS: Tab[] = ['nearby', 'people']

/** The map, and the panel beside it; on a phone the panel lies over the lower part of the map. */
export function Home({ session, people, whereabouts, settings, city, onSignOut }: Props) {
  const panel = useRef<HTMLElement>(null)
  const tab = useSignal<Tab>('nearby')
  const tall = useSignal(false)
  const padding = usePanelPadding(panel, tall.value)
  const texts = t.value

  const signOut = () => {
    forgetUser()
    onSignOut()
  }
  return (
    <div class={`home${tall.value ? ' tall' : ''}`}>
      {padding && <MapView session={session} whereabouts={whereabouts} settings={settings} city={city} padding={padding} />}
      <main class="panel" ref={panel}>
        <button
          type="button" class="handle" aria-expanded={tall.value} aria-label={tall.value ? texts.map.smaller : texts.map.larger}
          onClick={() => (tall.value = !tall.value)}
        />
        <header class="who">
          <Avatar id={session.me.value.id} name={session.me.value.displayName} />
          <h1>{session.me.value.displayName}</h1>
          <ConnectionPill session={session} />
        </header>
        <SharingSwitch session={session} />
        <Tabs tab={tab.value} requests={people.incoming.value.length} nearby={session.list.value.total} onChoose={(chosen) => (tab.value = chosen)} />
        <div class="tab-panel" role="tabpanel" id="tab-panel" aria-labelledby={`tab-${tab.value}`} tabIndex={-1}>
          {tab.value === 'nearby' ? (
            <>
              <PlaceControls session={session} whereabouts={whereabouts} />
              <RadiusSlider session={session} settings={settings} />
              <NearbyPanel session={session} people={people} />
            </>
          ) : (
            <PeoplePanel session={session} people={people} />
          )}
        </div>
        <footer>
          <button type="button" class="link" onClick={signOut}>{texts.signOut}</button>
          <LanguageChoice />
        </footer>
      </main>
    </div>
  )
}

function Tabs({ tab, requests, nearby, onChoose }: { tab: Tab; requests: number; nearby: number; onChoose(tab: Tab): void }) {
  const count = { nearby, people: requests }
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return
    const other = tab === 'nearby' ? 'people' : 'nearby'
    onChoose(other)
    document.getElementById(`tab-${other}`)?.focus()
  }
  return (
    <div class="tabs" role="tablist" onKeyDown={onKey}>
      {TABS.map((each) => (
        <button
          key={each} id={`tab-${each}`} type="button" role="tab" aria-selected={each === tab} aria-controls="tab-panel" tabIndex={each === tab ? 0 : -1}
          onClick={() => onChoose(each)}
        >
          {t.value.tabs[each]} {count[each] > 0 && <span class={each === 'people' ? 'badge' : 'count'}>{count[each]}</span>}
        </button>
      ))}
    </div>
  )
}

/** What the panel covers of the map; null before it is laid out. */
function usePanelPadding(panel: preact.RefObject<HTMLElement | null>, tall: boolean): Padding | null {
  const padding = useSignal<Padding | null>(null)
  useEffect(() => {
    const measure = () => {
      if (!panel.current) return
      const { top, right, width } = panel.current.getBoundingClientRect()
      const isSheet = width >= innerWidth - 1
      // A sheet that covers nearly everything must not push the circle into what is left.
      const bottom = isSheet && !tall ? innerHeight - top : 0
      padding.value = isSheet ? { top: 8, right: 0, bottom, left: 0 } : { top: 0, right: 0, bottom: 0, left: right }
    }
    measure()
    addEventListener('resize', measure)
    return () => removeEventListener('resize', measure)
  }, [tall])
  return padding.value
}
