import { ApiError, type FoundUser, type FriendRequest, type FriendRequestEvent, type FriendVisibility, type ListedFriend, type ListedUser } from '@nearbyfriends/client'
import { computed, effect, signal } from '@preact/signals'
import { clock } from '../app/clock'
import { notify, notifyProblem } from '../app/notices'
import { t } from '../i18n'
import { Latest } from '../session/latest'
import type { Session } from '../session/session'

/** Friends, requests and blocks of the user, and what can be done about them. */
export class People {
  readonly friends = signal<ListedFriend[]>([])
  readonly incoming = signal<FriendRequest[]>([])
  readonly outgoing = signal<FriendRequest[]>([])
  readonly blocks = signal<ListedUser[]>([])
  readonly loaded = signal(false)
  private readonly names = computed(() => new Map(this.friends.value.map(({ id, displayName }) => [id, displayName])))
  private readonly everybody: Latest<[ListedFriend[], ListedUser[]]>
  private readonly requests: Latest<[FriendRequest[], FriendRequest[]]>
  private readonly endEvents: () => void

  constructor(private readonly session: Session) {
    const { api } = session
    this.everybody = new Latest(
      () => Promise.all([api.friends(), api.blocks()]),
      ([friends, blocks]) => {
        this.friends.value = friends.sort((a, b) => a.displayName.localeCompare(b.displayName))
        this.blocks.value = blocks
        this.loaded.value = true
      },
    )
    this.requests = new Latest(
      () => Promise.all([api.friendRequests('incoming'), api.friendRequests('outgoing')]),
      ([incoming, outgoing]) => ([this.incoming.value, this.outgoing.value] = [incoming, outgoing]),
    )
    void this.refresh()
    const ends = [
      // Requests that came while there was no connection are not sent again.
      session.client.on('welcome', () => void this.requests.refresh()),
      session.client.on('friendRequest', (request) => this.onRequest(request)),
      session.client.on('friendAdded', ({ name }) => {
        notify(t.value.people.nowFriends(name))
        void this.refresh()
      }),
      session.client.on('friendRemoved', (removed) => this.changeFriends((friends) => friends.filter(({ id }) => id !== removed.id))),
      session.client.on('visibility', ({ id, shows, until }) => this.setVisibility(id, { shows, ...(until === undefined ? {} : { until }) })),
      effect(() => {
        const now = session.now(clock.value)
        // What holds without an end comes back, and only the Api knows what that is.
        if (this.friends.peek().some(({ showsUntil = Infinity }) => showsUntil <= now)) this.everybody.ensure()
      }),
    ]
    this.endEvents = () => ends.forEach((end) => end())
  }

  end(): void {
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
      notifyProblem(failure)
      return null
    }
  }

  ask = (user: FoundUser) =>
    this.act(async () => {
      const { state } = await this.session.api.requestFriend(user.id)
      if (state === 'pending') notify(t.value.people.requestSent(user.displayName))
    })

  cancel = (request: FriendRequest) => this.act(() => this.session.api.cancelFriendRequest(request.id))

  answer = (request: FriendRequest, answer: 'accept' | 'decline') => this.act(() => this.session.api.answerRequest(request.id, answer))

  unfriend = (id: string, name: string) =>
    this.act(async () => {
      await this.session.api.unfriend(id)
      this.session.client.forget(id)
      notify(t.value.people.removed(name))
    })

  /** What a friend sees of the user from now on. */
  show = (id: string, visibility: FriendVisibility) =>
    this.act(async () => {
      await this.session.api.changeVisibility(id, visibility)
      this.setVisibility(id, visibility)
    })

  block = (id: string, name: string) =>
    this.act(async () => {
      await this.session.api.block(id)
      this.session.client.forget(id)
      notify(t.value.people.wasBlocked(name))
    })

  unblock = (id: string) => this.act(() => this.session.api.unblock(id))

  async refresh(): Promise<void> {
    await Promise.all([this.everybody.refresh(), this.requests.refresh()])
  }

  private onRequest({ id, from, state, name }: FriendRequestEvent): void {
    const isNew = state === 'pending' && from !== this.session.me.value.id && !this.incoming.value.some((request) => request.id === id)
    if (isNew && name !== undefined) notify(t.value.people.wasAsked(name))
    void this.requests.refresh()
  }

  private setVisibility(id: string, { shows, until }: FriendVisibility): void {
    this.changeFriends((friends) =>
      friends.map((friend) =>
        friend.id === id ? { id, displayName: friend.displayName, since: friend.since, shows, ...(until === undefined ? {} : { showsUntil: until }) } : friend,
      ),
    )
  }

  private changeFriends(change: (friends: ListedFriend[]) => ListedFriend[]): void {
    this.friends.value = change(this.friends.value)
    this.everybody.changed()
  }

  private async act(action: () => Promise<unknown>): Promise<void> {
    try {
      await action()
    } catch (failure) {
      notifyProblem(failure)
    }
    await this.refresh()
  }
}
