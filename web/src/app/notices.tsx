import { ApiError } from '@nearbyfriends/client'
import { signal } from '@preact/signals'
import { problem, t } from '../i18n'

const SHOWN_MS = 6_000
const MOST = 3

const notices = signal<{ id: number; text: string }[]>([])
let last = 0

/** Shows a sentence for a moment, and says it to who does not see it. */
export function notify(text: string): void {
  const id = ++last
  notices.value = [...notices.value, { id, text }].slice(-MOST)
  setTimeout(() => dismiss(id), SHOWN_MS)
}

/** Says what went wrong with a request. */
export function notifyProblem(failure: unknown): void {
  notify(problem(failure instanceof ApiError ? failure.code : 'other'))
}

function dismiss(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id)
}

export function Notices() {
  return (
    <div class="notices" role="status" aria-live="polite">
      {notices.value.map(({ id, text }) => (
        <p key={id} class="notice">
          {text}
          <button type="button" class="dismiss" aria-label={t.value.dismiss} onClick={() => dismiss(id)}>×</button>
        </p>
      ))}
    </div>
  )
}
