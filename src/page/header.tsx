import { useState } from 'preact/hooks'
import type { ProjectAnswer, RunBegan } from '../ui/contract.js'
import { AbortDialog, ActionDialog } from './actions/action-dialog.js'
import { runOf } from './state/live.js'
import { configOf, go, live, put, route, shortConfig, source } from './state/page-state.js'
import { hashOf, type View, views } from './state/route.js'
import { isDark, setTheme } from './state/theme.js'
import { RunState } from './run-state.js'

const titles: { readonly [view in View]: string } = {
  graph: 'Graph',
  configs: 'Configs',
  compare: 'Compare',
  sweep: 'Sweep',
  history: 'History',
}

/** Project, config, views and run state, in one line. */
export const Header = ({ project }: { readonly project: ProjectAnswer }) => {
  const config = configOf(project)
  return (
    <header class="top">
      <a
        class="skip"
        href="#main"
        onClick={(event) => (event.preventDefault(), document.getElementById('main')?.focus())}
      >
        Skip to content
      </a>
      <a
        class="brand"
        href={hashOf({ view: 'graph', words: { config } })}
        title={`${project.root}\nstore ${project.store.location}\ntaskchain ${project.version}`}
      >
        <Mark />
        <span>{project.name}</span>
      </a>
      <ConfigSelect project={project} config={config} />
      <nav aria-label="Views">
        {views.filter(isOffered).map((view) => (
          <a
            href={hashOf({ view, words: { config } })}
            aria-current={route.value.view === view ? 'page' : undefined}
            data-testid={`view-${view}`}
          >
            {titles[view]}
          </a>
        ))}
      </nav>
      <span class="grow" />
      {project.context.length + project.set.length === 0 ? null : (
        <span class="tag" title="Overrides every config">
          {[...project.context, ...project.set].join(' ')}
        </span>
      )}
      {project.store.state === 'usable' || project.store.state === 'empty' ? null : (
        <span class="tag warn" title={project.store.trouble?.message} data-testid="store-state">
          store {project.store.state}
        </span>
      )}
      <RunControls project={project} config={config} />
      <button
        type="button"
        class="quiet"
        data-testid="theme"
        aria-label={isDark() ? 'Light colours' : 'Dark colours'}
        title={isDark() ? 'Light colours' : 'Dark colours'}
        onClick={() => setTheme(isDark() ? 'light' : 'dark')}
      >
        {isDark() ? '☀' : '☾'}
      </button>
    </header>
  )
}

/** A report is about one config, so other configs appear only in its comparison. */
const isOffered = (view: View): boolean =>
  source.live ||
  view === 'graph' ||
  (view === 'history' && source.offers('runs')) ||
  (view === 'compare' && source.offers('compare'))

const Mark = () => (
  <svg class="mark" viewBox="0 0 24 24" width="22" height="22" aria-hidden="true">
    <path d="M6 6 L18 12 L6 18" fill="none" stroke="currentColor" stroke-width="1.6" />
    <circle cx="6" cy="6" r="3.4" />
    <circle cx="6" cy="18" r="3.4" />
    <circle cx="18" cy="12" r="3.4" />
  </svg>
)

const ConfigSelect = ({ project, config }: { readonly project: ProjectAnswer; readonly config: string }) => (
  <select
    class="config-select"
    aria-label="Config"
    data-testid="config"
    value={config}
    onChange={({ currentTarget: { value } }) => {
      if (route.value.view === 'graph') put({ config: value, node: undefined, tab: undefined })
      else go(route.value.view, { config: value })
    }}
  >
    {project.configs.includes(config) ? null : (
      <option value={config}>{config === '' ? 'no configs' : shortConfig(config)}</option>
    )}
    {project.configs.map((name) => (
      <option value={name}>{shortConfig(name)}</option>
    ))}
  </select>
)

const ReportTag = () => (source.live ? null : <span class="tag">report</span>)

interface RunButtonProps {
  readonly running: Pick<RunBegan, 'started'> | undefined
  readonly onAsk: (what: 'run' | 'abort') => void
}

/** Offers to abort a run that this server started, or else to start one. */
const RunButton = ({ running, onAsk }: RunButtonProps) => {
  if (running === undefined)
    return (
      <button type="button" class="primary" data-testid="run" onClick={() => onAsk('run')}>
        Run…
      </button>
    )
  return typeof running.started !== 'number' ? null : (
    <button type="button" data-testid="abort" onClick={() => onAsk('abort')}>
      Abort…
    </button>
  )
}

const RunControls = ({ project, config }: { readonly project: ProjectAnswer; readonly config: string }) => {
  const [asks, setAsks] = useState<'run' | 'abort'>()
  const run = runOf(live.value, config)
  const started = run?.ended === undefined ? run?.began.started : undefined
  return (
    <>
      <RunState
        run={run}
        others={[...live.value.runs.values()].filter((one) => one !== run && one.ended === undefined)}
      />
      {project.actions ? (
        <RunButton running={run?.ended === undefined ? run?.began : undefined} onAsk={setAsks} />
      ) : (
        <ReportTag />
      )}
      {asks === 'run' ? (
        <ActionDialog config={config} wanted={{ action: 'run', tasks: [] }} onClose={() => setAsks(undefined)} />
      ) : null}
      {asks === 'abort' && typeof started === 'number' ? (
        <AbortDialog started={started} config={config} onClose={() => setAsks(undefined)} />
      ) : null}
    </>
  )
}
