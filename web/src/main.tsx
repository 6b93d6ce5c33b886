import { render } from 'preact'
import { App } from './app/App'
import './app/page.css'

const root = document.getElementById('app')
if (root) render(<App />, root)

// Only the built page has a worker. Where it cannot be registered, the page works but does not open without a network.
if (import.meta.env.PROD && 'serviceWorker' in navigator) navigator.serviceWorker.register('/sw.js').catch(console.warn)
