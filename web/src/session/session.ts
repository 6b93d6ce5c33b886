import { batch, signal, type Signal } from '@preact/signals'
import { NearbyClient, webStorage, type ConnectionState, type LatLon, type ListState, type Me, type NearbyApi, type StrangersState, type Welcome } from '@nearbyfriends/client'
import { Kept } from './kept'
import type { Settings } from './settings'

/** The gateway shows strangers no farther away. */
const MOST_STRANGERS_METRES = 5_000

/** One user on this page: the client, with what it tells as signals that views follow. */
export class Session {
  readonly connection: Signal<ConnectionState>
  readonly welcome = signal<Welcome | null>(null)
  readonly list: Signal<ListState>
  readonly strangers: Signal<StrangersState>
  readonly sharing: Signal<boolean>
  /** Unix milliseconds UTC at which sharing ends by itself; null for no end. */
  readonly sharingUntil: Signal<number | null>
  readonly place = signal<LatLon | null>(null)
  /** Radius of the own fix in metres; undefined where the place was chosen by hand. */
  readonly accuracy = signal<number | undefined>(undefined)
  readonly following = signal(false)
  readonly radius = signal(8047)
  readonly me: Signal<Me>
  readonly client: NearbyClient
  /** Base address of the gateway. */
  readonly gateway: string
  private readonly keptRadius: Kept<number | null>

  constructor(
    settings: Settings,
    me: Me,
    readonly api: NearbyApi,
    ticket: Promise<string>,
  ) {
    this.me = signal(me)
    this.keptRadius = new Kept(localStorage, `radius-${me.id}`, null)
    const radius = this.keptRadius.value
    this.gateway = settings.gateway ?? location.origin
    this.client = new NearbyClient({
      gateway: this.gateway,
      api,
      ticket,
      everyPage: true,
      storage: webStorage(localStorage, `points-${me.id}`),
      ...(radius === null ? {} : { radius }),
    })
    if (radius !== null) this.radius.value = radius
    this.connection = signal(this.client.connection)
    this.list = signal(this.client.list)
    this.strangers = signal(this.client.strangers)
    this.sharing = signal(me.sharing)
    this.sharingUntil = signal(me.sharingUntil)
    this.client.on('connection', (state) => (this.connection.value = state))
    this.client.on('list', (list) => (this.list.value = list))
    this.client.on('strangers', (strangers) => (this.strangers.value = strangers))
    this.client.on('sharing', (sharing) =>
      batch(() => {
        this.sharing.value = sharing
        this.sharingUntil.value = this.client.sharingUntil
      }),
    )
    this.client.on('welcome', (welcome) => {
      this.welcome.value = welcome
      this.radius.value = this.keptRadius.value ?? welcome.radius
    })
    if (me.strangers) this.showStrangers()
    this.client.start()
  }

  /** The gateway's clock, Unix milliseconds, when the page's own shows `at`. */
  now(at = Date.now()): number {
    return this.client.now(at)
  }

  end(): void {
    this.client.stop()
  }

  moveTo(place: LatLon, accuracy?: number): void {
    batch(() => {
      this.following.value = false
      this.place.value = place
      this.accuracy.value = accuracy
      this.client.moveTo(place, accuracy)
    })
  }

  follow(): void {
    batch(() => {
      this.following.value = true
      this.place.value = null
      this.accuracy.value = undefined
      this.client.follow()
    })
  }

  forgetPlace(): void {
    batch(() => {
      this.place.value = null
      this.accuracy.value = undefined
      this.client.forgetPlace()
    })
  }

  /** Kept for this user in this browser. */
  setRadius(metres: number): void {
    this.radius.value = this.keptRadius.value = metres
    this.client.setRadius(metres)
    if (this.me.value.strangers) this.showStrangers()
  }

  /** Lets strangers nearby see about where one is, and shows them; or ends both. */
  async letStrangersSee(strangers: boolean): Promise<void> {
    this.me.value = await this.api.changeMe({ strangers })
    this.showStrangers()
  }

  async changeMe(changes: Partial<Pick<Me, 'displayName' | 'discoverable'>>): Promise<void> {
    this.me.value = await this.api.changeMe(changes)
  }

  private showStrangers(): void {
    this.client.showStrangers(this.me.value.strangers ? Math.min(this.radius.value, MOST_STRANGERS_METRES) : 0)
  }
}
