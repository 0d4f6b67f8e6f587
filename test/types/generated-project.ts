import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/**
 * Generated projects of any size, and what the compiler spends on them. Used by the gate (cost.test.ts) and by the
 * bench.
 */

export const repository = resolve(import.meta.dirname, '../..')
const perModule = 20

/** What one compilation cost; all but the seconds are the same on every machine. */
export interface TypeCost {
  readonly tasks: number
  readonly instantiations: number
  readonly types: number
  readonly megabytes: number
  readonly checkSeconds: number
  readonly totalSeconds: number
}

const taskSource = (module: number, index: number): string => {
  const earlier =
    index > 0 ? `task${index - 1}Of${module}` : module > 0 ? `before.task${perModule - 1}Of${module - 1}` : undefined
  const other = index > 1 ? `task${index - 2}Of${module}` : undefined
  const inputs = [
    earlier === undefined ? '' : `first: ${earlier}`,
    other === undefined || index % 2 === 0 ? '' : `second: ${other}`,
  ].filter((text) => text !== '')
  const name = `task${index}Of${module}`
  const spec = `inputs: { ${inputs.join(', ')} },
  params: { limit${index}: t.number, minVotes: param(t.number, { default: ${index} }) },
  data: t.array(t.type({ title: t.string, votes${index}: t.number, kind: t.union([t.string, t.null]) })),`
  const result = `[{ title: 'a', votes${index}: minVotes + limit${index}, kind: null }]`
  if (index % 10 === 7)
    return `const template${index} = defineTemplate({ ${spec} meta: { part: 'a' }, helpers: { twice: (n: number) => n * 2 } })
  .run(({ minVotes, limit${index} }, { helpers }) => ${result}.slice(0, helpers.twice(1)))
export const ${name} = derive(template${index}, { meta: { part: 'b' } })`
  const meta = index % 5 === 3 ? ` meta: { feature: true, size: ${index} },` : ''
  const context = index % 5 === 3 ? ', { meta }' : ''
  return `export const ${name} = defineTask({ ${spec}${meta} })
  .run(({ minVotes, limit${index} }${context}) => ${result}${meta === '' ? '' : '.slice(0, meta.size)'})`
}

const moduleSource = (module: number): string =>
  [
    `import * as t from 'io-ts'`,
    `import { defineTask, defineTemplate, derive, param } from 'taskchain'`,
    module > 0 ? `import * as before from './module${module - 1}.js'` : '',
    ...Array.from({ length: perModule }, (_, index) => taskSource(module, index)),
  ].join('\n')

const mainSource = (modules: number): string => {
  const every = Array.from({ length: modules }, (_, module) => module)
  const lookUps = Array.from({ length: 50 }, (_, index) => {
    const name = `module${index % modules}:task${index % perModule}_of${index % modules}`
    return index % 2 === 0
      ? `export const value${index} = chain.value('${name}').then((rows) => rows.length)`
      : `export const handle${index} = chain.task('${name}')`
  })
  return [
    `import { defineProject } from 'taskchain'`,
    `import type { Chain } from 'taskchain'`,
    ...every.map((module) => `import * as module${module} from './module${module}.js'`),
    `export const project = defineProject({ pipelines: { ${every.map((module) => `module${module}`).join(', ')} } })`,
    `declare const chain: Chain<typeof project.pipelines>`,
    ...lookUps,
  ].join('\n')
}

/**
 * Writes a project of so many tasks (20 a module) into a fresh folder below `node_modules/.cache` and compiles it
 * there; 0 tasks tell what the library costs alone.
 */
export const typeCost = (tasks: number): TypeCost => {
  const cache = join(repository, 'node_modules/.cache')
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'type-cost-'))
  try {
    const modules = Math.ceil(tasks / perModule)
    for (let module = 0; module < modules; module++)
      writeFileSync(join(folder, `module${module}.ts`), moduleSource(module))
    writeFileSync(join(folder, 'main.ts'), modules === 0 ? `export * from 'taskchain'` : mainSource(modules))
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({
        extends: join(repository, 'tsconfig.json'),
        compilerOptions: {
          paths: { taskchain: [join(repository, 'src/index.ts')] },
          declaration: false,
          rootDir: repository,
        },
        include: ['*.ts'],
        exclude: [],
      }),
    )
    const { stdout } = spawnSync(
      join(repository, 'node_modules/.bin/tsc'),
      ['-p', folder, '--noEmit', '--checkers', '1', '--extendedDiagnostics', '--pretty', 'false'],
      {
        encoding: 'utf8',
      },
    )
    const wrong = stdout.split('\n').filter((line) => /^\S*type-cost-\S+\(\d+,\d+\): error/.test(line))
    if (wrong.length > 0) throw new Error(`the generated project does not compile: ${wrong.slice(0, 3).join('\n')}`)
    return { tasks, ...figures(stdout) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const figures = (diagnostics: string): Omit<TypeCost, 'tasks'> => {
  const figure = (label: string): number => Number(new RegExp(`^${label}:\\s+([\\d.]+)`, 'm').exec(diagnostics)?.[1])
  return {
    instantiations: figure('Instantiations'),
    types: figure('Types'),
    megabytes: Math.round(figure('Memory used') / 1024),
    checkSeconds: figure('Check time'),
    totalSeconds: figure('Total time'),
  }
}
