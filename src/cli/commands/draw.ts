import { writeFile } from 'node:fs/promises'
import { extname, resolve } from 'node:path'
import { badOption } from '../../explain.js'
import { listOption, operand, printBeside, textOption, type Call, type Command } from '../call.js'
import { graphviz } from '../../runtime/chain/graphviz.js'
import { exitCodes } from '../exit-codes.js'
import { jsonDocument } from '../json-output.js'
import { withChain } from '../open-chain-of-call.js'

const languages = ['svg', 'png', 'dot', 'mermaid'] as const
type Language = (typeof languages)[number]

/** `draw CONFIG`: Mermaid or DOT text, or a picture if the packages that render one are installed. */
export const draw: Command = (call) => {
  const chosen = languages.filter((language) => call.options[language] === true)
  if (chosen.length > 1) throw badOption(`--${chosen.join(' --')}`, 'one drawing at a time')
  const language = chosen[0] ?? languageOf(textOption(call, 'output'))
  const groups = listOption(call, 'group')
  const neighbours = call.options['neighbours'] === true
  if (neighbours && groups.length === 0) throw badOption('--neighbours', 'of what? name a group with --group')
  const part = groups.length === 0 ? undefined : { groups, neighbours }
  return withChain(call, operand(call, 'config'), {}, async (chain) => {
    const text = await chain.draw(language === 'mermaid' ? 'mermaid' : 'dot', part)
    const drawing = language === 'svg' ? await svgOf(text) : language === 'png' ? await pngOf(await svgOf(text)) : text
    await deliver(call, language, drawing)
    return exitCodes.done
  })
}

/** The format that a file's extension implies. */
const languageOf = (file: string | undefined): Language => {
  const ending = extname(file ?? '').toLowerCase()
  if (pictures.has(ending)) throw badOption(`--output ${file}`, `pictures are drawn as .svg or .png, not as ${ending}`)
  return byEnding[ending] ?? 'mermaid'
}

const byEnding: Readonly<Record<string, Language>> = { '.svg': 'svg', '.png': 'png', '.dot': 'dot', '.gv': 'dot' }

/** Extensions of other pictures, which must not become names of Mermaid text. */
const pictures: ReadonlySet<string> = new Set('.pdf .jpg .jpeg .gif .webp .svgz .eps .ps .bmp .tif .tiff'.split(' '))

const deliver = async (call: Call, language: Language, drawing: string | Uint8Array): Promise<void> => {
  const file = textOption(call, 'output')
  if (file !== undefined) {
    await writeFile(resolve(call.host.folder, file), drawing).catch((cause: Error) => {
      throw badOption(`--output ${file}`, cause.message)
    })
    if (call.common.json) call.host.out.write(jsonDocument({ language, file }))
    else printBeside(call, [`drawn to ${file}`])
    return
  }
  if (typeof drawing !== 'string')
    throw badOption('--png', 'a picture cannot be printed; name a file with --output FILE')
  call.host.out.write(call.common.json ? jsonDocument({ language, drawing }) : `${drawing.trimEnd()}\n`)
}

/** The part of the SVG renderer's API that we use. */
interface Resvg {
  readonly Resvg: new (svg: string, options?: object) => { render(): { asPng(): Uint8Array } }
}

const svgOf = async (dot: string): Promise<string> =>
  (await optional(graphviz, '@viz-js/viz', '--svg')).renderString(dot, { format: 'svg' })

const pngOf = async (svg: string): Promise<Uint8Array> => {
  const { Resvg } = await optional((): Promise<Resvg> => import('@resvg/resvg-js'), '@resvg/resvg-js', '--png')
  return new Resvg(svg, { fitTo: { mode: 'zoom', value: zoomOf(svg) }, background: 'white' }).render().asPng()
}

/** Limit in pixels for a picture's longer side: a picture takes 4 bytes a pixel. */
const longestSide = 8000

/** Two pixels a point, fewer if the picture would be too large. */
const zoomOf = (svg: string): number => {
  const sides = /<svg width="([\d.]+)pt" height="([\d.]+)pt"/.exec(svg)?.slice(1).map(Number) ?? []
  return sides.reduce((zoom, side) => Math.min(zoom, longestSide / side), 2)
}

/** Loads an optional package, which is not installed with this one. */
const optional = async <Module>(load: () => Promise<Module>, name: string, option: string): Promise<Module> => {
  try {
    return await load()
  } catch {
    throw badOption(option, `needs the package ${name}: npm install ${name} (or pipe --dot into Graphviz)`)
  }
}
