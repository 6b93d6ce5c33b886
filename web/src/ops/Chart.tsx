import { signal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import UPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { localeTag } from '../i18n'
import type { Measure, Samples } from './samples'

const HEIGHT = 150
const COLORS = ['#2f81d6', '#e07b39', '#2fa37c', '#b65fc7', '#c9a227', '#d5556f', '#5b6fd8', '#6b8e23']

/** The colours of text and lines, which a canvas does not follow by itself, change with these. */
const themes = ['(prefers-color-scheme: dark)', '(forced-colors: active)'].map((query) => matchMedia(query))
const theme = signal(themeNow())
themes.forEach((query) => query.addEventListener('change', () => (theme.value = themeNow())))

function themeNow(): string {
  return themes.map(({ matches }) => matches).join()
}

interface Props {
  title: string
  /** Of the axis: what the values are, and what is in them. */
  unit: string
  hint?: string
  /** The first with full lines, the next with broken ones. */
  measures: Measure[]
  samples: Samples
  /** Changes with every sample. */
  moment: number
}

/** One measure of all gateways, live. The table beside it says the same in words. */
export function Chart({ title, unit, hint, measures, samples, moment }: Props) {
  const frame = useRef<HTMLDivElement>(null)
  const chart = useRef<UPlot | null>(null)
  const ids = samples.ids()

  useEffect(() => {
    if (!frame.current) return
    const text = getComputedStyle(frame.current).color
    const line = getComputedStyle(frame.current).borderTopColor
    const [small, large] = [{}, { notation: 'compact' } as const].map((how) => new Intl.NumberFormat(localeTag(), { maximumFractionDigits: 1, ...how }))
    const axis = { stroke: text, grid: { stroke: line, width: 1 }, ticks: { show: false }, font: '11px system-ui' }
    const made = new UPlot(
      {
        width: frame.current.clientWidth, height: HEIGHT,
        legend: { show: false },
        cursor: { show: false },
        scales: { y: { range: (_, __, most) => [0, Math.max(1, most * 1.1)] } },
        axes: [
          { ...axis, size: 24, space: 90, values: (_, moments) => moments.map((at) => new Date(at * 1000).toTimeString().slice(0, 8)) },
          { ...axis, size: 48, label: unit, labelSize: 18, labelFont: '11px system-ui', values: (_, values) => values.map((value) => (value < 10_000 ? small : large)?.format(value) ?? '') },
        ],
        series: [{}, ...measures.flatMap((measure, broken) => ids.map((id, i) => ({
          label: `${id} ${measure}`, stroke: colorOf(i), width: 2, points: { show: false }, ...(broken ? { dash: [4, 4] } : {}),
        })))],
      },
      samples.series(ids, measures),
      frame.current,
    )
    chart.current = made
    const resizing = new ResizeObserver(([entry]) => entry && made.setSize({ width: entry.contentRect.width, height: HEIGHT }))
    resizing.observe(frame.current)
    return () => {
      resizing.disconnect()
      made.destroy()
      chart.current = null
    }
  }, [ids.join(), unit, theme.value])

  useEffect(() => chart.current?.setData(samples.series(ids, measures)), [moment])

  return (
    <figure class="chart">
      <figcaption>{title} {hint && <span class="hint">{hint}</span>}</figcaption>
      <div class="chart-frame" ref={frame} aria-hidden="true" />
    </figure>
  )
}

/** The colour of a gateway's lines. */
export function colorOf(index: number): string {
  return COLORS[index % COLORS.length] as string
}
