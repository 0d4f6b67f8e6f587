import { relative } from 'node:path'
import { addressOf } from '../addresses.js'
import { chainAnswer, statesAnswer } from '../answers/chain-answer.js'
import { standingOf } from '../../inspect/standing.js'
import { compareAnswer } from '../answers/compare-answer.js'
import { runMetricsAnswer, runsAnswer } from '../answers/history-answer.js'
import { logAnswer } from '../answers/log-answer.js'
import { nodeOf } from '../answers/node-answer.js'
import { pictureAnswer, previewAnswer } from '../answers/preview-answer.js'
import { projectAnswer } from '../answers/project-answer.js'
import type { Embedded, Json, NodeAnswer, OverviewAnswer, Preview, ProjectAnswer } from '../contract.js'
import { imageType } from '../preview/file-kinds.js'
import { NoAnswer } from '../reader/trouble.js'
import type { Reader } from '../reader/reader.js'
import { metricPlots, type DrawSvg } from './metric-plots.js'

/** The data embedded in a report: the answers that the page requests, if they are small. */

/** Bytes of JSON or of a picture for one value, and for all of them. */
const maxForValue = 256 * 1024
const maxForPicture = 1024 * 1024
const maxInAll = 12 * 1024 * 1024
/** Limit on nodes whose details are included. */
const maxNodes = 1000
const rowsShown = 50
const logShown = 8 * 1024

/** Gathers the data of a report about a config. The same state of project and store gives the same data. */
export const reportData = async (
  reader: Reader,
  config: string,
  { against, draw }: { readonly against: string | undefined; readonly draw: DrawSvg | undefined },
): Promise<Embedded> => {
  const chain = await chainAnswer(reader, { config })
  const gathered = gathering()
  const shown = against === undefined || against === config ? [config] : [config, against]
  gathered.add(addressOf('project', {}), ofReport(await projectAnswer(reader), shown))
  gathered.add(addressOf('overview', {}), overviewOf(config, chain.nodes.length, chain.counts, chain.warnings.length))
  gathered.add(addressOf('chain', { config }), chain)
  gathered.add(addressOf('states', { config }), await statesAnswer(reader, { config }))
  const asked = { config, offset: 0, limit: 50 } // as the page requests it
  const runs = await runsAnswer(reader, asked)
  gathered.add(addressOf('runs', asked), { ...runs, runs: runs.runs.map((run) => ({ ...run, host: '', pid: 0 })) })
  const metrics = await runMetricsAnswer(reader, { config, limit: 20 })
  gathered.add(addressOf('runs-metrics', { config }), metrics)
  const plots = draw === undefined ? {} : await metricPlots(metrics, draw)
  if (against !== undefined) {
    const two = { before: against, after: config }
    gathered.add(addressOf('compare', two), await compareAnswer(reader, two))
    gathered.add(addressOf('chain', { config: against }), await chainAnswer(reader, { config: against }))
  }
  const opened = await reader.chain(config)
  const standing = await standingOf(opened, reader.store)
  for (const [index, { id }] of chain.nodes.entries()) {
    if (index >= maxNodes) gathered.leave(id, 0, `only the first ${maxNodes} nodes are included in full`)
    else if (!gathered.fits(0)) gathered.leave(id, 0, 'the report is full')
    else
      await addNode(reader, gathered, { config, node: id }, await nodeOf(reader, opened, id, standing)).catch(
        (cause: unknown) => {
          if (!(cause instanceof NoAnswer)) throw cause
          gathered.leave(id, 0, cause.message)
        },
      )
  }
  return { schema: 1, config, answers: gathered.answers, files: gathered.files, plots, left: gathered.left }
}

interface Gathering extends Pick<Embedded, 'answers' | 'files' | 'left'> {
  add(address: string, answer: object): void
  /** False if it no longer fits. */
  fits(size: number): boolean
  addFile(address: string, type: string, bytes: Uint8Array): void
  leave(node: string, size: number, reason: string): void
}

const gathering = (): Gathering => {
  const answers: Record<string, Json> = {}
  const files: Record<string, string> = {}
  const left: Embedded['left'][number][] = []
  let size = 0
  return {
    answers,
    files,
    left,
    fits: (more) => size + more <= maxInAll,
    add: (address, answer) => {
      const text = JSON.stringify(answer)
      size += text.length
      answers[address] = JSON.parse(text) as Json // as the page gets it from a server
    },
    addFile: (address, type, bytes) => {
      const url = `data:${type};base64,${Buffer.from(bytes).toString('base64')}`
      size += url.length
      files[address] = url
    },
    leave: (node, bytes, reason) => void left.push({ node, size: bytes, reason }),
  }
}

interface OfNode {
  readonly config: string
  readonly node: string
}

const addNode = async (reader: Reader, gathered: Gathering, asked: OfNode, node: NodeAnswer): Promise<void> => {
  gathered.add(addressOf('node', asked), withoutMachine(reader, node))
  for (const which of node.logs)
    if (which !== 'running')
      gathered.add(addressOf('log', { ...asked, which }), await logAnswer(reader, { ...asked, which, limit: logShown }))
  const preview = await previewAnswer(reader, { ...asked, limit: rowsShown, summary: 1 })
  const text = JSON.stringify(preview)
  const size = preview.size ?? text.length
  const reason = leftOut(preview.preview, text.length, gathered.fits(text.length))
  if (reason === undefined) {
    gathered.add(addressOf('preview', asked), preview)
    await addPictures(reader, gathered, asked, preview.preview)
    return
  }
  gathered.leave(asked.node, size, reason)
  gathered.add(addressOf('preview', asked), {
    ...preview,
    preview: { kind: 'left out', message: `it is not in this report: ${reason}` } satisfies Preview,
  })
}

const leftOut = (preview: Preview, size: number, fits: boolean): string | undefined => {
  if (preview.kind === 'too large') return preview.message
  if (size > maxForValue) return 'too large for a report'
  return fits ? undefined : 'the report is full'
}

/** A figure's picture, or the pictures of a folder. */
const addPictures = async (reader: Reader, gathered: Gathering, asked: OfNode, preview: Preview): Promise<void> => {
  const wanted =
    preview.kind === 'figure'
      ? preview.views.slice(0, 1).map((view) => ({ ...asked, view }))
      : preview.kind === 'folder'
        ? preview.files
            .filter(({ path, kind }) => kind === 'image' && imageType(path))
            .map(({ path }) => ({ ...asked, path }))
        : []
  for (const one of wanted) {
    const { type, bytes } = await pictureAnswer(reader, one)
    if (bytes.length <= maxForPicture && gathered.fits(bytes.length * 1.4))
      gathered.addFile(addressOf('file', one), type, bytes)
    else gathered.leave(asked.node, bytes.length, 'a picture is too large for a report')
  }
}

/** The project as a report shows it: only its configs, and nothing about the machine. */
const ofReport = (project: Omit<ProjectAnswer, 'generation'>, configs: readonly string[]): ProjectAnswer => ({
  ...project,
  root: '',
  store: { location: relative(project.root, project.store.location) || '.', state: project.store.state },
  configs,
  generation: 1,
  actions: false,
})

const overviewOf = (
  config: string,
  nodes: number,
  states: NonNullable<OverviewAnswer['configs'][number]['states']>,
  warnings: number,
): OverviewAnswer => ({
  schema: 1,
  configs: [{ config, outcome: 'fine', nodes, states, errors: 0, warnings }],
  problems: [],
})

/** Makes paths relative to the project; readers of the report need not know who ran it where. */
const withoutMachine = ({ loaded }: Reader, node: NodeAnswer): NodeAnswer => {
  if (node.artifact === undefined) return node
  const { path, host: _, user: __, runInfo: ___, ...artifact } = node.artifact
  return {
    ...node,
    artifact: { ...artifact, ...(path === undefined ? {} : { path: relative(loaded.root, path) }), runInfo: '' },
  }
}
