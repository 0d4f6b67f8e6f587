import { source } from './state/page-state.js'
import { useAnswer } from './state/use-answer.js'
import { WhenThere } from './widgets/empty.js'

export const App = () => {
  const project = useAnswer('project', {}, ['project'])
  return (
    <main>
      <WhenThere loaded={project} what="Reading the project">
        {({ name }) => <h1>{source.live ? name : `${name}: a report`}</h1>}
      </WhenThere>
    </main>
  )
}
