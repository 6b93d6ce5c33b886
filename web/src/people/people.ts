import { ApiError, type FoundUser, type FriendRequest, type ListedUser } from '@nearbyfriends/client'
import { computed, signal } from '@preact/signals'
import { notify } from '../app/notices'
import { problem, t } from '../i18n'
import type { Session } from '../session/session'

/** Requests are not pushed; so often they are looked for. */
const LOOK_EVERY_MS = 20_000

/** Friends, requests and blocks of the user, and what can be done about them. */
export class People {
  readonly friends = signal<ListedUser[]>([])
  readonly incoming = signal<FriendRequest[]>([])
  readonly outgoing = signal<FriendRequest[]>([])
  readonly blocks = signal<ListedUser[]>([])
  readonly loaded = signal(false)
  private readonly names = computed(() => new Map(this.friends.value.map(({ id, displayName }) => [id, displayName])))
  private readonly looking: ReturnType<typeof setInterval>
  private readonly endEvents: () => void

  constructor(private readonly session: Session) {
    void this.refresh()
    this.looking = setInterval(() => {
      if (!document.hidden) void this.refreshRequests()
    }, LOOK_EVERY_MS)
    const ends = [
      session.client.on('friendAdded', ({ name }) => {
        notify(t.value.people.nowFriends(name))
        void this.refresh()
      }),
      session.client.on('friendRemoved', (removed) => {
        this.friends.value = this.friends.value.filter(({ id }) => id !== removed.id)
      }),
    ]
    this.endEvents = () => ends.forEach((end) => end())
  }

  end(): void {
    clearInterval(this.looking)
    this.endEvents()
  }

  nameOf(id: string): string | undefined {
    return this.names.value.get(id)
  }

  /** The user of this name; null when nobody can be found by it. */
  async find(userName: string): Promise<FoundUser | null> {
    try {
      return await this.session.api.find(userName)
    } catch (failure) {
      if (failure instanceof ApiError && (failure.status === 404 || failure.status === 400)) return null
      tell(failure)
      return null
    }
  }

  ask = (user: FoundUser) =>
    this.act(async () => {
      const { state } = await this.session.api.requestFriend(user.id)
      if (state === 'pending') notify(t.value.people.requestSent(user.displayName))
    })

  answer = (request: FriendRequest, answer: 'accept' | 'decline') => this.act(() => this.session.api.answerRequest(request.id, answer))

  unfriend = (id: string, name: string) =>
    this.act(async () => {
      await this.session.api.unfriend(id)
      this.session.client.forget(id)
      notify(t.value.people.removed(name))
    })

  block = (id: string, name: string) =>
    this.act(async () => {
      await this.session.api.block(id)
      this.session.client.forget(id)
      notify(t.value.people.wasBlocked(name))
    })

  unblock = (id: string) => this.act(() => this.session.api.unblock(id))

  async refresh(): Promise<void> {
    try {
      const { api } = this.session
      const [friends, blocks] = await Promise.all([api.friends(), api.blocks(), this.refreshRequests()])
      this.friends.value = friends.sort((a, b) => a.displayName.localeCompare(b.displayName))
      this.blocks.value = blocks
      this.loaded.value = true
    } catch {
      // Away for now: the next look, or the next action, brings them.
    }
  }

  private async refreshRequests(): Promise<void> {
    try {
      const { api } = this.session
      ;[this.incoming.value, this.outgoing.value] = await Promise.all([api.friendRequests('incoming'), api.friendRequests('outgoing')])
    } catch {
      // As above.
    }
  }

  private async act(action: () => Promise<unknown>): Promise<void> {
    try {
      await action()
    } catch (failure) {
      tell(failure)
    }
    await this.refresh()
  }
}

function tell(failure: unknown): void {
  notify(problem(failure instanceof ApiError ? failure.code : 'other'))
}
