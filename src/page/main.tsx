import { render } from 'preact'
import { App } from './app.js'
import { startPage } from './state/page-state.js'
import './state/theme.js'

const place = document.getElementById('page')
if (place !== null) void startPage().then(() => render(<App />, place))
