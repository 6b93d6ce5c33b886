import { effect } from '@preact/signals'
import { render } from 'preact'
import { App } from './app/App'
import './app/page.css'
import { language } from './i18n'

const root = document.getElementById('app')
if (root) render(<App />, root)

// Only the built page has a worker; without one it works, but does not open without a network. Friends come first.
if (import.meta.env.PROD && 'serviceWorker' in navigator) {
  const start = () => void startWorker().catch(console.warn)
  if (document.readyState === 'complete') start()
  else addEventListener('load', start)
}

async function startWorker(): Promise<void> {
  await navigator.serviceWorker.register('/sw.js')
  const cache = await caches.open('page')
  // A worker that shows a notice has no other way to know the page's language.
  effect(() => void cache.put('/language', new Response(language.value)))
}
