import { choose, language, LANGUAGES, t, type Language } from '../i18n'

export function LanguageChoice() {
  return (
    <select class="language" aria-label={t.value.language} value={language.value} onChange={(event) => choose(event.currentTarget.value as Language)}>
      {Object.entries(LANGUAGES).map(([tag, name]) => (
        <option key={tag} value={tag} lang={tag}>{name}</option>
      ))}
    </select>
  )
}
