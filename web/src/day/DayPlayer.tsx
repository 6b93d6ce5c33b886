import { useCallback, useEffect, useRef } from 'preact/hooks'
import { clock } from '../app/clock'
import { useEscape } from '../app/escape'
import { t } from '../i18n'
import { timeText } from '../i18n/units'
import type { Day } from './day'
import { dayOf } from './track'

/** Plays a day of the user's own on the map. */
export function DayPlayer({ day }: { day: Day }) {
  return day.date.value === null ? null : <Player day={day} date={day.date.value} />
}

function Player({ day, date }: { day: Day; date: string }) {
  const card = useRef<HTMLElement>(null)
  const texts = t.value.day
  const close = useCallback(() => day.close(), [day])
  useEscape(close)
  useEffect(() => {
    const before = document.activeElement
    card.current?.focus({ preventScroll: true })
    return () => {
      if (before instanceof HTMLElement) before.focus()
    }
  }, [])
  const points = day.points.value
  return (
    <aside ref={card} class="friend-card day-player" tabIndex={-1} aria-label={texts.title}>
      <header class="row">
        <h2>{texts.title}</h2>
        <input type="date" aria-label={texts.date} value={date} max={dayOf(clock.value)} onChange={(event) => event.currentTarget.value && void day.open(event.currentTarget.value)} />
        <button type="button" class="quiet close" aria-label={t.value.close} title={t.value.close} onClick={close}>×</button>
      </header>
      <div role="status">
        {points === null && <p class="hint">{t.value.loading}</p>}
        {points?.length === 0 && <p class="hint">{texts.empty}</p>}
      </div>
      {points && points.length > 0 && <Controls day={day} />}
    </aside>
  )
}

function Controls({ day }: { day: Day }) {
  const texts = t.value.day
  const time = day.time.value
  const shown = timeText(time, time)
  return (
    <div class="row day-controls">
      <button type="button" class="primary" onClick={() => (day.isPlaying.value ? day.pause() : day.play())}>{day.isPlaying.value ? texts.pause : texts.play}</button>
      <input
        type="range" aria-label={texts.moment} aria-valuetext={shown} min={day.first} max={day.last} step={1000} value={time}
        onInput={(event) => day.seek(Number(event.currentTarget.value))}
      />
      <output>{shown}</output>
    </div>
  )
}
