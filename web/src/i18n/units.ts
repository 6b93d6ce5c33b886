import { localeTag, t } from './index'

const METRES_PER_MILE = 1609.344
const METRES_PER_FOOT = 0.3048
/** Regions whose roads are measured in miles. */
const MILES = new Set(['US', 'GB', 'LR', 'MM'])

export function usesMiles(tag = localeTag()): boolean {
  return MILES.has(new Intl.Locale(tag).maximize().region ?? '')
}

/** As people say it: "350 ft", "0.4 mi", "12 mi"; "80 m", "1.2 km". */
export function distanceText(metres: number, tag = localeTag()): string {
  if (usesMiles(tag)) {
    const miles = metres / METRES_PER_MILE
    return miles < 0.1 ? format(Math.round(metres / METRES_PER_FOOT / 10) * 10, 'foot', 0, tag) : format(miles, 'mile', miles < 10 ? 1 : 0, tag)
  }
  return metres < 1000 ? format(Math.round(metres / 10) * 10, 'meter', 0, tag) : format(metres / 1000, 'kilometer', metres < 10_000 ? 1 : 0, tag)
}

function format(value: number, unit: string, digits: number, tag: string): string {
  return new Intl.NumberFormat(tag, { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: digits }).format(value)
}

/** A time of day, "18:00" or "6:00 PM"; with the weekday where it is not today. Both in Unix milliseconds. */
export function timeText(time: number, now: number, tag = localeTag()): string {
  const isToday = new Date(time).toDateString() === new Date(now).toDateString()
  return new Intl.DateTimeFormat(tag, { hour: 'numeric', minute: '2-digit', ...(isToday ? {} : { weekday: 'short' }) }).format(time)
}

/** "now", "12 s ago", "3 min ago". */
export function agoText(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000)
  const { ago } = t.value
  if (seconds < 2) return ago.now
  if (seconds < 60) return ago.seconds(seconds)
  if (seconds < 3600) return ago.minutes(Math.floor(seconds / 60))
  return ago.hours(Math.floor(seconds / 3600))
}
