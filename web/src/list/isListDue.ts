import type { Whereabouts } from '../place/whereabouts'
import type { Session } from '../session/session'

/** Whether the first list is about to come: one has said where one is, and nothing is wrong. */
export function isListDue(session: Session, whereabouts: Whereabouts): boolean {
  const [{ isOpen, nothingToFollow }, { is }] = [session.list.value, session.connection.value]
  return !isOpen && !nothingToFollow && session.sharing.value && whereabouts.mode.value !== null && whereabouts.problem.value === null
    && (is === 'connecting' || is === 'connected')
}
