import { ApiError, type NearbyApi } from '@nearbyfriends/client'
import { signal } from '@preact/signals'
import { Kept } from '../session/kept'

/** `unavailable`: by this browser, or because the system pushes nothing. `refused`: by the browser's push service, this time. */
export type PushState = 'unknown' | 'unavailable' | 'denied' | 'refused' | 'off' | 'on'

/** Notices while the page is closed, by Web Push (RFC 8030) to this browser. */
export class Push {
  readonly state = signal<PushState>('unknown')
  /** Of this browser's subscription, as the Api knows it. */
  private readonly id: Kept<string | null>

  constructor(
    private readonly api: NearbyApi,
    userId: string,
  ) {
    this.id = new Kept<string | null>(localStorage, `push-${userId}`, null)
    // A browser may have replaced its subscription since.
    if (this.id.value !== null) void this.renew()
  }

  /** Finds out what is possible. */
  async look(): Promise<void> {
    if (this.state.value !== 'unknown') return
    if (!('serviceWorker' in navigator) || !('PushManager' in window)) this.state.value = 'unavailable'
    else if ((await this.key()) === null) this.state.value = 'unavailable'
    else if (Notification.permission === 'denied') this.state.value = 'denied'
    else this.state.value = this.id.value === null ? 'off' : 'on'
  }

  /** Asks the user, then the browser, then tells the Api. Throws ApiError. */
  async begin(): Promise<void> {
    const permission = await Notification.requestPermission()
    if (permission === 'denied') this.state.value = 'denied'
    if (permission !== 'granted') return
    const key = await this.key()
    if (key === null) return
    const subscription = await subscribe(key)
    if (subscription) await this.tell(subscription)
    this.state.value = subscription ? 'on' : 'refused'
  }

  /** Also at sign-out: the subscription is the browser's, the notices are the user's. Throws ApiError. */
  async end(): Promise<void> {
    const { value: id } = this.id
    if (id === null) return
    this.id.value = null
    this.state.value = 'off'
    await this.api.removePushSubscription(id)
  }

  private async renew(): Promise<void> {
    try {
      const subscription = await (await navigator.serviceWorker.ready).pushManager.getSubscription()
      if (subscription) await this.tell(subscription)
      else this.id.value = null
    } catch {
      // Unavailable for now: the next start tries again.
    }
  }

  private async tell(subscription: PushSubscription): Promise<void> {
    this.id.value = (await this.api.addPushSubscription(subscription.toJSON())).id
  }

  private async key(): Promise<string | null> {
    try {
      return (await this.api.pushKey()).publicKey
    } catch (failure) {
      if (failure instanceof ApiError && failure.status === 404) return null
      throw failure
    }
  }
}

/** Null where the browser's push service does not answer, or there is none. */
async function subscribe(key: string): Promise<PushSubscription | null> {
  const { pushManager } = await navigator.serviceWorker.ready
  try {
    return await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key })
  } catch (failure) {
    console.warn(`No push subscription: ${String(failure)}`)
    return null
  }
}
