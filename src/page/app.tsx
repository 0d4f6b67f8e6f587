import type { ProjectAnswer } from '../ui/contract.js'
import { ComparePage } from './compare/compare-page.js'
import { GraphPage } from './graph/graph-page.js'
import { Header } from './header.js'
import { HistoryPage } from './history/history-page.js'
import { ConfigsPage } from './overview/configs-page.js'
import { configOf, configsFolder, link, route } from './state/page-state.js'
import { useAnswer } from './state/use-answer.js'
import { SweepPage } from './sweep/sweep-page.js'
import { Empty, Loading } from './widgets/empty.js'
import { Troubles } from './widgets/trouble.js'

/** The page: its header, and the view that the address names. */
export const App = () => {
  const project = useAnswer('project', {}, ['project'])
  configsFolder.value = project.value?.configsFolder ?? configsFolder.peek()
  if (project.value !== undefined)
    return (
      <>
        <Header project={project.value} />
        <LinkNotice />
        <main id="main" tabIndex={-1}>
          <View project={project.value} />
        </main>
      </>
    )
  return (
    <main class="alone">
      {project.errors === undefined ? (
        <Loading what="Reading the project" />
      ) : project.status === 401 ? (
        <Troubles
          title="This page needs its token"
          errors={[
            {
              tag: 'Token',
              message: 'the address does not contain the token of the running server',
              hint: 'Open the address that taskchain ui prints in its terminal; it is new at each start.',
            },
          ]}
        />
      ) : (
        <Troubles title="The project cannot be shown" errors={project.errors} />
      )}
    </main>
  )
}

const View = ({ project }: { readonly project: ProjectAnswer }) => {
  if (project.trouble.length > 0) return <Troubles title="The project cannot be read" errors={project.trouble} />
  const config = configOf(project)
  if (config === '' && route.value.view !== 'configs')
    return (
      <Empty title="The project has no configs yet">
        <p>Write one in {project.configsFolder} that lists tasks to run and their values. It appears here at once.</p>
      </Empty>
    )
  switch (route.value.view) {
    case 'configs':
      return <ConfigsPage />
    case 'compare':
      return <ComparePage project={project} config={config} />
    case 'sweep':
      return <SweepPage config={config} />
    case 'history':
      return <HistoryPage config={config} />
    case 'graph':
      return <GraphPage key={config} config={config} actions={project.actions} />
  }
}

/** A notice while the connection to the server is lost or closed. */
const LinkNotice = () => (
  <div aria-live="assertive" class="notice-place">
    {link.value === 'lost' ? (
      <p class="notice" data-testid="link-lost">
        The connection to the server is lost; trying to reconnect. This page may be out of date.
      </p>
    ) : link.value === 'closed' ? (
      <p class="notice" data-testid="link-closed">
        The server has stopped. Start taskchain ui again, and open the address that it prints.
      </p>
    ) : null}
  </div>
)
