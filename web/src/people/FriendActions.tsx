import { useEffect, useRef } from 'preact/hooks'
import { AlertChoice } from '../alerts/AlertChoice'
import type { Alerts } from '../alerts/alerts'
import { confirmed } from '../app/confirm'
import { t } from '../i18n'
import type { People } from './people'

interface Props {
  id: string
  name: string
  people: People
  alerts: Alerts
}

/** "⋯": being told when the friend comes near; unfriend and block, each after a question. */
export function FriendActions({ id, name, people, alerts }: Props) {
  const details = useRef<HTMLDetailsElement>(null)
  const texts = t.value.people
  const close = () => {
    if (details.current) details.current.open = false
  }
  /** The focus goes to what stays, which gets it back after the question. */
  const leave = () => {
    close()
    details.current?.querySelector('summary')?.focus()
  }
  useEffect(() => {
    const closeElsewhere = (event: Event) => {
      if (event.target instanceof Node && !details.current?.contains(event.target)) close()
    }
    document.addEventListener('pointerdown', closeElsewhere)
    return () => document.removeEventListener('pointerdown', closeElsewhere)
  }, [])

  const unfriend = async () => {
    leave()
    if (await confirmed(texts.confirmUnfriend(name), texts.unfriend)) await people.unfriend(id, name)
  }
  const block = async () => {
    leave()
    if (await confirmed(texts.confirmBlock(name), texts.block)) await people.block(id, name)
  }
  return (
    <details
      ref={details} class="actions" onKeyDown={(event) => event.key === 'Escape' && leave()}
      onToggle={({ currentTarget }) => currentTarget.open && currentTarget.lastElementChild?.scrollIntoView({ block: 'nearest' })}
    >
      <summary aria-label={t.value.list.actions(name)} title={t.value.list.actions(name)}>⋯</summary>
      <div class="menu">
        <div class="row menu-choice">
          <span aria-hidden="true">{t.value.alerts.card}</span>
          <AlertChoice alerts={alerts} userId={id} label={t.value.alerts.label(name)} />
        </div>
        <button type="button" onClick={() => void unfriend()}>{texts.unfriend}</button>
        <button type="button" class="danger-text" onClick={() => void block()}>{texts.block}</button>
      </div>
    </details>
  )
}
