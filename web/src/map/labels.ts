import type { Point } from './ground'

interface Label {
  x: number
  y: number
  text: string
  /** Shown whatever it covers. */
  first: boolean
  /** Above its marker instead of below it. */
  above?: boolean
}

const LETTER = 6.6
const WIDE_LETTER = 11
const HEIGHT = 16
/** From the marker's point to its name. */
const AWAY = 18
/** Half of a marker, which names must not cover either. */
const MARKER = 15

/** For each label whether it must be left out, so that none of the others is covered; the earlier ones win. */
export function hideOverlaps(labels: Label[]): boolean[] {
  const order = labels.map((label, index) => ({ label, index })).sort((a, b) => Number(b.label.first) - Number(a.label.first) || a.index - b.index)
  const kept: Box[] = []
  const hidden = labels.map(() => false)
  for (const { label, index } of order) {
    const box = boxOf(label)
    const covers = kept.some((other) => overlap(box, other)) || labels.some((other) => other !== label && overlap(box, markerOf(other)))
    if (covers && !label.first) hidden[index] = true
    else kept.push(box)
  }
  return hidden
}

/** Whether a marker at this point covers the label. */
export function isCovered(label: Label, marker: Point): boolean {
  return overlap(boxOf(label), markerOf(marker))
}

interface Box {
  left: number
  right: number
  top: number
  bottom: number
}

function boxOf({ x, y, text, above }: Label): Box {
  const half = [...text].reduce((width, letter) => width + (letter > '⺀' ? WIDE_LETTER : LETTER), 8) / 2
  const top = above ? y - AWAY - HEIGHT : y + AWAY
  return { left: x - half, right: x + half, top, bottom: top + HEIGHT }
}

function markerOf({ x, y }: Point): Box {
  return { left: x - MARKER, right: x + MARKER, top: y - MARKER, bottom: y + MARKER }
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
}
