import { readFile, writeFile } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import pc from 'picocolors'
import { originOfConfig } from '../../../adapters/project/find-config.js'
import { ownVersion, packageRoot } from '../../../base/package-root.js'
import { fieldOf, isObject } from '../../../base/records.js'
import { messageOf } from '../../../base/thrown.js'
import { badOption } from '../../../explain.js'
import type { Embedded } from '../../../ui/contract.js'
import type { DrawSvg } from '../../../ui/report/metric-plots.js'
import type { Reader } from '../../../ui/reader/reader.js'
import { operand, print, textOption, type Call, type Command } from '../../call.js'
import { exitCodes } from '../../exit-codes.js'
import { jsonDocument } from '../../json-output.js'
import { byteSize, counted } from '../../render/units.js'
import { whyLines } from '../../render/render-why.js'

/** `report CONFIG`: the page about one config as one HTML file, or with `--github` a summary in Markdown. */
export const report: Command = async (call) => {
  const reader = await readerOf(call)
  const config = originOf(call, reader, operand(call, 'config'))
  const named = textOption(call, 'against')
  const against = named === undefined ? undefined : originOf(call, reader, named)
  if (call.options['github'] === true) {
    if (textOption(call, 'output') !== undefined)
      throw badOption('--output', 'cannot be combined with --github, which is printed')
    const markdown = await summary(reader, config, against)
    call.host.out.write(call.common.json ? jsonDocument({ config, markdown }) : markdown)
    return exitCodes.done
  }
  const { reportData } = await import('../../../ui/report/report-data.js')
  const embedded = await reportData(reader, config, { against, draw: await plotsOfPage() })
  const html = await htmlOf(embedded)
  const file =
    textOption(call, 'output') ??
    `${basename(config)
      .replace(/\.(?:ya?ml|json)(?=#|$)/i, '')
      .replace('#', '.')}.html`
  await writeFile(resolve(call.host.folder, file), html).catch((cause: unknown) => {
    throw badOption(`--output ${file}`, messageOf(cause))
  })
  tell(call, file, Buffer.byteLength(html), embedded)
  return exitCodes.done
}

const readerOf = async (call: Call): Promise<Reader> => {
  const { makeReader } = await import('../../../ui/reader/reader.js')
  const { project, store, context, set } = call.common
  return makeReader(
    {
      folder: call.host.folder,
      ...(project === undefined ? {} : { project }),
      ...(store === undefined ? {} : { store }),
      context,
      set,
      version: ownVersion(),
      actions: false,
      anyConfig: true,
    },
    { why: (why) => whyLines(why, pc.createColors(false)) },
  )
}

const originOf = (call: Call, { loaded }: Reader, name: string): string =>
  originOfConfig(name, { root: loaded.root, configs: loaded.project.configs, workingFolder: call.host.folder })

const summary = async (reader: Reader, config: string, against: string | undefined): Promise<string> => {
  const { githubSummary } = await import('../../../ui/report/github-summary.js')
  const { againstLastRun } = await import('../../../ui/report/last-other-run.js')
  const { chainAnswer } = await import('../../../ui/answers/chain-answer.js')
  const { compareAnswer } = await import('../../../ui/answers/compare-answer.js')
  const compared =
    against === undefined
      ? await againstLastRun(reader, config, await reader.chain(config))
      : await compareAnswer(reader, { before: against, after: config })
  return githubSummary(await chainAnswer(reader, { config }), compared)
}

/** The page's own plots, drawn without a browser. */
const plotsOfPage = async (): Promise<DrawSvg | undefined> => {
  const page = pathToFileURL(`${packageRoot()}/dist/page/vega.js`).href
  const loaded: unknown = await import(page).catch(() => undefined)
  return isObject(loaded) && typeof loaded['drawSvg'] === 'function'
    ? (loaded['drawSvg'] as DrawSvg) // built from `src/page/plots/vega.ts` of the same version
    : undefined
}

const htmlOf = async (embedded: Embedded): Promise<string> => {
  const { reportHtml } = await import('../../../ui/report/report-html.js')
  const part = (name: string): Promise<string> => readFile(`${packageRoot()}/dist/page/${name}`, 'utf8').catch(() => '')
  const parts = {
    index: await part('index.html'),
    style: await part('page.css'),
    script: await part('page.js'),
    worker: await part('layout-worker.js'),
  }
  const html = reportHtml(parts, embedded)
  if (html === undefined) throw badOption('report', 'the page is not built: npm run build')
  return html
}

/** How many omitted values are listed; the rest is counted. */
const maxNamed = 20

const tell = (call: Call, file: string, bytes: number, { answers, left }: Embedded): void => {
  if (call.common.json) return call.host.out.write(jsonDocument({ file, bytes, left }, 2))
  const nodes = Object.values(answers).filter((answer) => isObject(answer) && isObject(answer['preview']))
  const shown = nodes.filter((answer) => isObject(answer) && fieldOf(answer['preview'], 'kind') !== 'left out').length
  print(call, [
    `${file}: ${byteSize(bytes)}, ${counted(shown, 'value')}${left.length === 0 ? '' : `, ${left.length} left out:`}`,
    ...left
      .slice(0, maxNamed)
      .map(({ node, size, reason }) => `  ${node}${size === 0 ? '' : `, ${byteSize(size)}`}: ${reason}`),
    ...(left.length > maxNamed ? [`  and ${left.length - maxNamed} more; --json names all`] : []),
  ])
}
