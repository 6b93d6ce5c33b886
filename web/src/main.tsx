import { render } from 'preact'
import { App } from './app/App'
import './app/page.css'

const root = document.getElementById('app')
if (root) render(<App />, root)

// Only the built page has a worker; without one it works, but does not open without a network. Friends come first.
if (import.meta.env.PROD && 'serviceWorker' in navigator) addEventListener('load', () => void navigator.serviceWorker.register('/sw.js').catch(console.warn))
