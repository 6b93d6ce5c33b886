import { computed, signal } from '@preact/signals'
import { en, type Texts } from './en'
import { ko } from './ko'

export type Language = 'en' | 'ko'

export const LANGUAGES: Record<Language, string> = { en: 'English', ko: '한국어' }

const CHOICE = 'language'

/** The language of the page: `?lang=`, the last choice, or the first of the browser's that there is. */
export const language = signal<Language>(first())

/** The texts in it. */
export const t = computed<Texts>(() => (language.value === 'ko' ? ko : en))

export function choose(next: Language): void {
  language.value = next
  localStorage.setItem(CHOICE, next)
}

/** In the words of the reader, or a general one. */
export function problem(code: string): string {
  return t.value.problems[code] ?? t.value.problems.other ?? code
}

/** The tag for numbers and units: the browser's own where its language is the page's, for its region. */
export function localeTag(): string {
  return navigator.languages.find((tag) => tag.startsWith(language.value)) ?? language.value
}

function first(): Language {
  const wanted = [new URLSearchParams(location.search).get('lang'), localStorage.getItem(CHOICE), ...navigator.languages]
  for (const tag of wanted) {
    const short = tag?.slice(0, 2)
    if (short === 'en' || short === 'ko') return short
  }
  return 'en'
}
