import { t } from '../i18n'

export type Tab = 'nearby' | 'people'

const TABS: Tab[] = ['nearby', 'people']

interface Props {
  tab: Tab
  /** How many wait behind each; 0 is not shown. */
  counts: Record<Tab, number>
  onChoose(tab: Tab): void
}

export function Tabs({ tab, counts, onChoose }: Props) {
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return
    const other = tab === 'nearby' ? 'people' : 'nearby'
    onChoose(other)
    document.getElementById(`tab-${other}`)?.focus()
  }
  return (
    <div class="tabs" role="tablist" onKeyDown={onKey}>
      {TABS.map((each) => (
        <button
          key={each} id={`tab-${each}`} type="button" role="tab" aria-selected={each === tab} aria-controls="tab-panel" tabIndex={each === tab ? 0 : -1}
          onClick={() => onChoose(each)}
        >
          {t.value.tabs[each]} {each === 'people' ? counts.people > 0 && <span class="badge">{counts.people}</span> : <span class="count">{counts.nearby || ''}</span>}
        </button>
      ))}
    </div>
  )
}
