import { begin } from './signin/arrival'

// Small, and run as soon as it has come, before the style and the rest of the script: on a slow network who one is is known by then.
begin()
if (document.readyState === 'loading') addEventListener('DOMContentLoaded', draw, { once: true })
else draw()

function draw(): void {
  void import('./main')
}
