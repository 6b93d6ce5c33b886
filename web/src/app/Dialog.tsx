import { useEffect, useRef } from 'preact/hooks'
import { t } from '../i18n'

interface Props {
  title: string
  onClose(): void
  children: preact.ComponentChildren
}

/** A sheet above the page. Escape, its button and a tap beside it close it; the focus goes back to where it was. */
export function Dialog({ title, onClose, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  // Closed by the browser, which gives the focus back; `onClose` follows.
  const close = () => dialog.current?.close()
  return (
    <dialog ref={dialog} class="sheet" aria-labelledby="sheet-title" onClose={onClose} onClick={(event) => event.target === dialog.current && close()}>
      <div class="sheet-body">
        <header class="row">
          <h2 id="sheet-title">{title}</h2>
          <button type="button" class="quiet close" aria-label={t.value.close} title={t.value.close} onClick={close}>×</button>
        </header>
        {children}
      </div>
    </dialog>
  )
}
