import type { ComponentChildren } from 'preact'
import type { ArtifactRow, InputRow, NodeAnswer, ParamRow } from '../../ui/contract.js'
import { put } from '../state/page-state.js'
import { TroubleText } from '../widgets/trouble.js'
import { bytesText, counted, countText, secondsText, timeText } from '../words.js'

/** Params with their origin, inputs and readers, the key, and facts about the result. */
export const About = ({ answer }: { readonly answer: NodeAnswer }) => (
  <>
    {answer.warnings.map((warning) => (
      <TroubleText trouble={warning} />
    ))}
    <Part title="Params">
      {answer.params.length === 0 ? <p class="dim">No params.</p> : <Params params={answer.params} />}
    </Part>
    <Part title="Inputs">
      {answer.inputs.length === 0 ? <p class="dim">Reads no other task.</p> : <Inputs inputs={answer.inputs} />}
    </Part>
    <Part title="Read by">
      {answer.consumers.length === 0 ? (
        <p class="dim">No task of this config reads it.</p>
      ) : (
        <NodeLinks nodes={answer.consumers} />
      )}
      {answer.dependents > answer.consumers.length ? (
        <p class="dim">{counted(answer.dependents, 'task')} depend on it, directly or indirectly.</p>
      ) : null}
    </Part>
    <Part title="Result">
      {answer.artifact === undefined ? <p class="dim">Nothing is stored.</p> : null}
      <Facts
        facts={[
          ...(answer.artifact === undefined ? [] : factsOf(answer.artifact)),
          ['stored as', answer.storage === 'memory' ? 'in memory only' : `${answer.format}, ${answer.storage}`],
          ['key', <code class="key">{answer.key}</code>],
          ['version', answer.version],
          ['config', answer.config],
        ]}
      />
    </Part>
    {answer.artifact !== undefined && answer.artifact.notes.length > 0 ? (
      <Part title="Notes">
        {answer.artifact.notes.map((note) => (
          <pre class="text">{typeof note === 'string' ? note : JSON.stringify(note, null, 2)}</pre>
        ))}
      </Part>
    ) : null}
    {answer.artifact === undefined || answer.artifact.runInfo === '' ? null : (
      <details class="more">
        <summary>Run info</summary>
        <pre class="text" tabIndex={0}>
          {answer.artifact.runInfo}
        </pre>
      </details>
    )}
  </>
)

const Part = ({ title, children }: { readonly title: string; readonly children: ComponentChildren }) => (
  <section class="part">
    <h3>{title}</h3>
    {children}
  </section>
)

const Params = ({ params }: { readonly params: readonly ParamRow[] }) => (
  <table class="params" data-testid="params">
    <thead class="hidden-text">
      <tr>
        <th>name</th>
        <th>value and origin</th>
      </tr>
    </thead>
    <tbody>
      {params.map((param) => (
        <tr>
          <th scope="row">
            {param.name}
            {param.inKey ? null : (
              <span class="tag" title="Not part of the key">
                not in key
              </span>
            )}
          </th>
          <td>
            <code>{param.text}</code>
            <Origin param={param} />
          </td>
        </tr>
      ))}
    </tbody>
  </table>
)

const originWords: { readonly [from in ParamRow['from']]: string } = {
  default: 'default',
  config: '',
  context: 'context',
  set: 'set by --set',
}

const Origin = ({ param: { from, place, overrides } }: { readonly param: ParamRow }) => (
  <span class="origin">
    {originWords[from]} {place === undefined ? null : <span class="place">{`${place.file}:${place.line}`}</span>}
    {overrides === undefined ? null : <span class="dim">{` over ${overrides.file}:${overrides.line}`}</span>}
  </span>
)

const Inputs = ({ inputs }: { readonly inputs: readonly InputRow[] }) => (
  <table class="params" data-testid="inputs">
    <tbody>
      {inputs.map(({ role, nodes, record }) => (
        <tr>
          <th scope="row">{role}</th>
          <td>
            {nodes.length === 0 ? (
              <span class="dim">absent</span>
            ) : (
              <NodeLinks nodes={nodes} {...(record === undefined ? {} : { titles: record })} />
            )}
          </td>
        </tr>
      ))}
    </tbody>
  </table>
)

const linked = 50

/** Names that link to their nodes. */
export const NodeLinks = ({
  nodes,
  titles,
}: {
  readonly nodes: readonly string[]
  readonly titles?: readonly string[]
}) => (
  <ul class="node-links">
    {nodes.slice(0, linked).map((node, index) => (
      <li>
        {titles?.[index] === undefined ? null : <span class="dim">{titles[index]}: </span>}
        <button type="button" class="link" onClick={() => put({ node })}>
          {node}
        </button>
      </li>
    ))}
    {nodes.length > linked ? <li class="dim">and {countText(nodes.length - linked)} more</li> : null}
  </ul>
)

type Fact = readonly [string, ComponentChildren]

const factsOf = (artifact: ArtifactRow): readonly Fact[] => [
  ['size', artifact.size === undefined ? undefined : bytesText(artifact.size)],
  ['took', artifact.seconds === undefined ? undefined : secondsText(artifact.seconds)],
  ['computed', artifact.ended === undefined ? undefined : timeText(artifact.ended)],
  ['by', [artifact.user, artifact.host].filter((word) => word !== undefined).join(' on ')],
  ['attempts', artifact.attempts === undefined || artifact.attempts < 2 ? undefined : String(artifact.attempts)],
  [
    'adopted',
    artifact.adopted === undefined ? undefined : (
      <span>
        adopted from <code class="key">{artifact.adopted}</code>
      </span>
    ),
  ],
  ['content', artifact.digest === undefined ? undefined : <code class="key">{artifact.digest}</code>],
  ['path', artifact.path === undefined ? undefined : <code class="path">{artifact.path}</code>],
]

export const Facts = ({ facts }: { readonly facts: readonly Fact[] }) => (
  <dl class="facts">
    {facts.map(([name, fact]) =>
      fact === undefined || fact === '' ? null : (
        <>
          <dt>{name}</dt>
          <dd>{fact}</dd>
        </>
      ),
    )}
  </dl>
)
