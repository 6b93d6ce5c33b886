import { distanceBetween, type LatLon, type NearbyFriend } from '@nearbyfriends/client'
import { effect } from '@preact/signals'
import { clock } from '../app/clock'
import { selected } from '../app/selection'
import type { Day } from '../day/day'
import { circleAround, stretches } from '../day/track'
import { t } from '../i18n'
import type { Whereabouts } from '../place/whereabouts'
import type { Session } from '../session/session'
import type { Camera } from './camera'
import type { Circle, Ground } from './ground'
import { Markers } from './markers'
import { SelfMarker } from './selfMarker'
import { StrangerMarkers } from './strangerMarkers'

const reducedMotion = matchMedia('(prefers-reduced-motion: reduce)')
/** Leaves room beside a day for the player. */
const DAY_ROOM = 1.3
/** A day in one place is not shown from closer. */
const CLOSEST_METRES = 200
/** Friends within it cannot be told apart by zooming in. */
const ONE_PLACE_METRES = 30

interface Shown {
  session: Session
  whereabouts: Whereabouts
  day: Day
}

/** Puts everybody on the ground, and keeps them there; returns how to end that. */
export function populate(ground: Ground, camera: Camera, { session, whereabouts, day }: Shown): () => void {
  const friendOf = (id: string | undefined) => session.list.value.friends.find((friend) => friend.id === id)
  const markers = new Markers({
    ground,
    reducedMotion: reducedMotion.matches,
    onSelect: (id) => (selected.value = { id, from: 'map' }),
    onCluster: (ids) => open(ids.flatMap((id) => friendOf(id) ?? [])),
  })
  const open = (friends: NearbyFriend[]) => {
    const [first] = friends
    if (!first) return
    const extent = Math.max(...friends.map((friend) => distanceBetween(first, friend)))
    if (extent < ONE_PLACE_METRES) markers.spreadOut(friends.map(({ id }) => id))
    else camera.frame(first, extent)
  }
  const strangers = new StrangerMarkers(ground)
  const self = new SelfMarker(ground, (place) => whereabouts.put(place))
  const ghost = new Spot(ground, 'ghost')
  const past = new Spot(ground, 'past-self')
  ground.onTap((place) => {
    markers.gather()
    const { value: mode } = whereabouts.mode
    if (selected.value) selected.value = null
    else if ((mode === 'pin' || mode === null) && session.sharing.value) whereabouts.propose(place)
  })

  let fitted = 0
  const ends = [
    effect(() => {
      const inactiveAfterMs = session.welcome.value?.inactiveAfterMs ?? Infinity
      markers.show(session.list.value.friends, session.now(clock.value), inactiveAfterMs, { you: t.value.you, ...t.value.map })
    }),
    effect(() => strangers.show(session.strangers.value.people)),
    effect(() => self.show(session.place.value, whereabouts.mode.value !== 'follow', t.value.you, t.value.place.self)),
    effect(() => markers.leaveRoom(session.place.value)),
    effect(() => ghost.show(whereabouts.proposed.value)),
    effect(() => past.show(day.place.value)),
    effect(() => {
      const points = day.points.value ?? []
      ground.setTrack(stretches(points))
      const circle = circleAround(points)
      if (circle) camera.frame(circle.centre, Math.max(circle.metres * DAY_ROOM, CLOSEST_METRES))
    }),
    effect(() => ground.setCircles(circles(session, friendOf(selected.value?.id)))),
    effect(() => {
      const centre = session.place.value ?? (session.following.value ? (session.list.value.friends[0] ?? null) : null)
      if (!centre) return
      // The first time, and when the circle becomes another one; else the map moves as one does.
      if (fitted !== session.radius.value) {
        if (camera.follows.peek()) ground.fit(centre, session.radius.value, fitted > 0)
        fitted = session.radius.value
      } else if (!self.isDragged && session.place.value) {
        camera.track(centre)
      }
    }),
    effect(() => {
      // From close by, a walk is seen to move.
      if (whereabouts.mode.value !== 'walk') return
      const place = session.place.peek()
      if (place) camera.closeUp(place)
    }),
    effect(() => {
      const chosen = selected.value
      markers.select(chosen?.id ?? null)
      const friend = chosen?.from === 'list' ? session.list.peek().friends.find(({ id }) => id === chosen.id) : undefined
      if (friend) camera.lookAt(friend)
    }),
  ]
  return () => {
    ends.forEach((end) => end())
    markers.remove()
    strangers.remove()
    self.remove()
    ghost.show(null)
    past.show(null)
  }
}

/** The radius around oneself, and how exactly the own and the selected friend's position are known. */
function circles(session: Session, friend: NearbyFriend | undefined): Circle[] {
  const [place, accuracy] = [session.place.value, session.accuracy.value]
  const all: Circle[] = []
  if (place && session.sharing.value) all.push({ kind: 'radius', centre: place, metres: session.radius.value })
  if (place && accuracy !== undefined) all.push({ kind: 'accuracy', centre: place, metres: accuracy })
  if (friend?.accuracy !== undefined) all.push({ kind: 'accuracy', centre: friend, metres: friend.accuracy })
  return all
}

/** A mark without a name: where a tap would move oneself to, or where one was. */
class Spot {
  private readonly element = document.createElement('span')
  private place: LatLon | null = null

  constructor(
    private readonly ground: Ground,
    className: string,
  ) {
    this.element.className = className
    ground.onMove(() => this.put())
  }

  show(place: LatLon | null): void {
    this.place = place
    if (!place) {
      this.element.remove()
      return
    }
    this.ground.overlay.append(this.element)
    this.put()
  }

  private put(): void {
    if (!this.place) return
    const { x, y } = this.ground.project(this.place)
    this.element.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`
  }
}
