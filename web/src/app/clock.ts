import { signal } from '@preact/signals'

/** This page's time, Unix milliseconds, once a second: what counts "12 s ago" reads it. */
export const clock = signal(Date.now())

setInterval(() => {
  if (!document.hidden) clock.value = Date.now()
}, 1000)
document.addEventListener('visibilitychange', () => (clock.value = Date.now()))
