import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { Alerts } from '../alerts/alerts'
import { onOpened } from '../alerts/opened'
import type { Push } from '../alerts/push'
import { FriendCard } from '../card/FriendCard'
import type { Day } from '../day/day'
import { DayPlayer } from '../day/DayPlayer'
import { t } from '../i18n'
import { isListDue } from '../list/isListDue'
import { NearbyPanel } from '../list/NearbyPanel'
import type { Padding } from '../map/ground'
import { MapView } from '../map/MapView'
import { Avatar } from '../people/Avatar'
import { invitedBy } from '../people/invite'
import type { People } from '../people/people'
import { PeoplePanel } from '../people/PeoplePanel'
import { Where } from '../place/Where'
import type { Whereabouts } from '../place/whereabouts'
import type { Session } from '../session/session'
import type { Settings } from '../session/settings'
import { SharingSwitch } from '../sharing/SharingSwitch'
import { ConnectionPill } from './ConnectionPill'
import { LanguageChoice } from './LanguageChoice'
import { selected } from './selection'
import { StrangersSwitch } from './StrangersSwitch'
import { Tabs, type Tab } from './Tabs'

interface Props {
  session: Session
  people: People
  whereabouts: Whereabouts
  day: Day
  alerts: Alerts
  push: Push
  settings: Settings
  onSignOut(): void
}

/** The map, and the panel beside it; on a phone the panel lies over the lower part of the map. */
export function Home({ session, people, whereabouts, day, alerts, push, settings, onSignOut }: Props) {
  const panel = useRef<HTMLElement>(null)
  const tab = useSignal<Tab>(invitedBy(location.search) === null ? 'nearby' : 'people')
  const tall = useSignal(false)
  const padding = usePanelPadding(panel, tall.value)
  useEffect(
    () =>
      onOpened((opened) => {
        if ('friend' in opened) selected.value = { id: opened.friend, from: 'list' }
        else tab.value = 'people'
      }),
    [],
  )
  const texts = t.value
  const me = session.me.value
  // What stands below the list comes after it, so that it need not move.
  const isListComing = tab.value === 'nearby' && isListDue(session, whereabouts)

  return (
    <div class={`home${tall.value ? ' tall' : ''}`}>
      {padding && <MapView session={session} whereabouts={whereabouts} day={day} settings={settings} padding={padding} />}
      <main class="panel" ref={panel}>
        <button
          type="button" class="handle" aria-expanded={tall.value} aria-label={tall.value ? texts.map.smaller : texts.map.larger}
          onClick={() => (tall.value = !tall.value)}
        />
        <header class="who">
          <Avatar id={me.id} name={me.displayName} />
          <div class="who-text">
            <h1><bdi>{me.displayName}</bdi></h1>
            <span class="hint">@{me.userName}</span>
          </div>
          <ConnectionPill session={session} />
        </header>
        <SharingSwitch session={session} whereabouts={whereabouts} people={people} />
        <Tabs tab={tab.value} counts={{ nearby: session.list.value.total, people: people.incoming.value.length }} onChoose={(chosen) => (tab.value = chosen)} />
        {/* Each tab has an element of its own: none begins where another was scrolled to. */}
        <div key={tab.value} class="tab-panel" role="tabpanel" id="tab-panel" aria-labelledby={`tab-${tab.value}`} tabIndex={-1}>
          {tab.value === 'nearby' ? (
            <>
              <Where session={session} whereabouts={whereabouts} settings={settings} />
              <NearbyPanel session={session} people={people} onFindPeople={() => (tab.value = 'people')} />
              {!isListComing && <StrangersSwitch session={session} />}
            </>
          ) : (
            <PeoplePanel session={session} people={people} day={day} alerts={alerts} push={push} onSignOut={onSignOut} />
          )}
          {!isListComing && (
            <footer>
              <button type="button" class="link" onClick={onSignOut}>{texts.signOut}</button>
              <LanguageChoice />
            </footer>
          )}
        </div>
      </main>
      {day.date.value === null && <FriendCard session={session} people={people} alerts={alerts} />}
      <DayPlayer day={day} />
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
