import { ApiError } from '@nearbyfriends/client'
import { signal } from '@preact/signals'
import { problem, t } from '../i18n'

const SHOWN_MS = 6_000
const MOST = 3

interface NoticeOptions {
  /** Until it is dismissed; others go by themselves. */
  stays?: boolean
  /** What can be done about it; that dismisses it. */
  action?: { text: string; do(): void }
}

interface Notice extends NoticeOptions {
  id: number
  text: string
}

const notices = signal<Notice[]>([])
let last = 0

/** Shows a sentence, and says it to who does not see it. */
export function notify(text: string, options: NoticeOptions = {}): void {
  const id = ++last
  notices.value = [...notices.value, { id, text, ...options }].slice(-MOST)
  if (!options.stays) setTimeout(() => dismiss(id), SHOWN_MS)
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
      {notices.value.map(({ id, text, action }) => (
        <p key={id} class="notice">
          {text}
          {action && (
            <button
              type="button" class="notice-action"
              onClick={() => {
                dismiss(id)
                action.do()
              }}
            >
              {action.text}
            </button>
          )}
          <button type="button" class="dismiss" aria-label={t.value.dismiss} onClick={() => dismiss(id)}>×</button>
        </p>
      ))}
    </div>
  )
}
