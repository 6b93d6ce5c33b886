import type { OwnLocation } from './messages.ts'

/** About ten messages, which gateways accept in one burst. */
const CAPACITY = 500
const DAY_MS = 24 * 60 * 60 * 1000
/** The contract's limit of one message. */
const POINTS_PER_MESSAGE = 50
/** Below 4,096, which gateways accepted before the limit was 16 KiB. */
const BYTES_PER_MESSAGE = 4_000

/** Where the buffer lives, so that it survives the page or process. */
export interface PointStorage {
  load(): string | null
  save(text: string): void
}

/** Keeps points in a Web Storage (such as localStorage) under a key; one key a user. */
export function webStorage(storage: Pick<Storage, 'getItem' | 'setItem'>, key: string): PointStorage {
  return {
    load: () => storage.getItem(key),
    save: (text) => {
      try {
        storage.setItem(key, text)
      } catch {
        // The storage is full or forbidden: these points are lost.
      }
    },
  }
}

/**
 * Locations that wait for a connection, oldest first; when full, the oldest give way. A point leaves only when `confirm`
 * says that a gateway has it: points of a connection that broke in between go out twice, and the history keeps them once.
 */
export class OfflineBuffer {
  constructor(private readonly storage: PointStorage = inMemory()) {}

  add(...points: OwnLocation[]): void {
    if (points.length > 0) this.write([...this.read(), ...points].slice(-CAPACITY))
  }

  /** Everything that gateways still accept at `now`, as the contents of messages, the newest message first. */
  messages(now: number): OwnLocation[][] {
    return split(this.read().filter((point) => now - point.time < DAY_MS))
  }

  /** A gateway has everything up to a time. */
  confirm(upTo: number): void {
    this.write(this.read().filter((point) => point.time > upTo))
  }

  clear(): void {
    this.write([])
  }

  private read(): OwnLocation[] {
    try {
      const points: unknown = JSON.parse(this.storage.load() ?? '[]')
      return Array.isArray(points) ? (points as OwnLocation[]) : []
    } catch {
      return []
    }
  }

  private write(points: OwnLocation[]): void {
    this.storage.save(JSON.stringify(points))
  }
}

/** The newest message is the fullest: it decides where the list is centred. Points in a message are in their order. */
function split(points: OwnLocation[]): OwnLocation[][] {
  const messages: OwnLocation[][] = []
  let bytes = Infinity
  for (const point of points.toReversed()) {
    // Numbers and names of fields are ASCII: a letter is a byte.
    const length = JSON.stringify(point).length + 1
    bytes += length
    if (bytes > BYTES_PER_MESSAGE || (messages.at(-1)?.length ?? 0) >= POINTS_PER_MESSAGE) {
      messages.push([])
      bytes = length
    }
    messages.at(-1)?.unshift(point)
  }
  return messages
}

function inMemory(): PointStorage {
  let kept: string | null = null
  return { load: () => kept, save: (text) => (kept = text) }
}
