import { signal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { t } from '../i18n'

const question = signal<{ text: string; action: string; answer: (yes: boolean) => void } | null>(null)

/** Asks before what cannot be taken back. */
export function confirmed(text: string, action: string): Promise<boolean> {
  return new Promise((resolve) => {
    question.value = {
      text, action,
      answer: (yes) => {
        question.value = null
        resolve(yes)
      },
    }
  })
}

export function Confirmation() {
  const dialog = useRef<HTMLDialogElement>(null)
  const asked = question.value
  useEffect(() => {
    if (asked) dialog.current?.showModal()
  }, [asked])
  if (!asked) return null
  // Every way out closes the dialog first: the browser then gives the focus back to where it was.
  const close = (yes: boolean) => dialog.current?.close(yes ? 'yes' : '')
  return (
    <dialog ref={dialog} class="confirm" aria-labelledby="confirm-text" onClose={(event) => asked.answer(event.currentTarget.returnValue === 'yes')}>
      <p id="confirm-text">{asked.text}</p>
      <div class="row end">
        <button type="button" class="quiet" onClick={() => close(false)}>{t.value.people.cancel}</button>
        <button type="button" class="danger" onClick={() => close(true)}>{asked.action}</button>
      </div>
    </dialog>
  )
}
