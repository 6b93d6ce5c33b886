import { effect } from '@preact/signals'
import type { Session } from '../session/session'

const LONGEST_WAIT_MS = 3_000

/**
 * Resolves when the list has come, when none is due because nobody has said where they are, or after a while. The map's library is
 * most of the script: on a slow network it would hold up the friends.
 */
export function friendsFirst(session: Pick<Session, 'welcome' | 'place' | 'following' | 'list'>): Promise<void> {
  let end = () => {}
  const come = new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, LONGEST_WAIT_MS)
    const endEffect = effect(() => {
      const isDue = session.welcome.value === null || session.place.value !== null || session.following.value
      if (session.list.value.isOpen || !isDue) resolve()
    })
    end = () => {
      clearTimeout(timer)
      endEffect()
    }
  })
  return come.finally(end)
}
