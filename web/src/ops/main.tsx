import { render } from 'preact'
import '../app/page.css'
import './ops.css'
import { OpsApp } from './OpsApp'

const root = document.getElementById('app')
if (root) render(<OpsApp />, root)
