const MINUTE_MS = 60_000

/** How long something may last that ends by itself, in milliseconds. */
export const DURATIONS = { quarter: 15 * MINUTE_MS, hour: 60 * MINUTE_MS, workday: 480 * MINUTE_MS } as const

export type Duration = keyof typeof DURATIONS

export const DURATION_NAMES = Object.keys(DURATIONS) as Duration[]
