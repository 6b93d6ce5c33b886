import { signal } from '@preact/signals'

const SHOWN_MS = 5_000

const notices = signal<{ id: number; text: string }[]>([])
let last = 0

/** Shows a sentence for a moment, and says it to who does not see it. */
export function notify(text: string): void {
  const id = ++last
  notices.value = [...notices.value.slice(-2), { id, text }]
  setTimeout(() => (notices.value = notices.value.filter((notice) => notice.id !== id)), SHOWN_MS)
}

export function Notices() {
  return (
    <div class="notices" role="status" aria-live="polite">
      {notices.value.map(({ id, text }) => (
        <p key={id} class="notice">{text}</p>
      ))}
    </div>
  )
}
