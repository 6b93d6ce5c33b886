import { signal } from '@preact/signals'

/** The friend whom list and map point at, and which of them was asked to. */
export const selected = signal<{ id: string; from: 'list' | 'map' } | null>(null)
