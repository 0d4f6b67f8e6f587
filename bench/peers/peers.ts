// Other tools on the layered graph. What each does for a finished task differs (file times, hashes, loaded values), so
// their figures are only for orientation. Tools that are not installed are named.
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { childEnvironment } from '../child-environment.js'
import { inputsOf, valueOf, widthOf } from '../floor/graph.mjs'

/** A tool that may be installed. */
export interface Peer {
  readonly name: string
  /** What it does for each task. */
  readonly of: string
  /** Exits with 0 if the tool is installed. */
  readonly probe: readonly string[]
  /** Writes its input files. */
  readonly prepare: (root: string, nodes: number) => void
  /** Runs everything; the second time there is nothing to do. */
  readonly command: readonly string[]
}

const python = process.env['PEERS_PYTHON'] ?? 'python3'

const inputsAt = (index: number, nodes: number): readonly number[] => inputsOf(index, widthOf(nodes))

const all = (nodes: number): readonly number[] => Array.from({ length: nodes }, (_, index) => index)

const makefile = (root: string, nodes: number): void =>
  writeFileSync(
    join(root, 'Makefile'),
    `all: ${all(nodes)
      .map((index) => `out/t${index}`)
      .join(' ')}\n${all(nodes)
      .map(
        (index) =>
          `out/t${index}: ${inputsAt(index, nodes)
            .map((input) => `out/t${input}`)
            .join(' ')}\n\t@echo ${valueOf([], index, `label ${index}`)} > $@\n`,
      )
      .join('')}`,
  )

const ninjaFile = (root: string, nodes: number): void =>
  writeFileSync(
    join(root, 'build.ninja'),
    `rule task\n  command = echo $value > $out\n${all(nodes)
      .map(
        (index) =>
          `build out/t${index}: task ${inputsAt(index, nodes)
            .map((input) => `out/t${input}`)
            .join(' ')}\n  value = ${valueOf([], index, `label ${index}`)}\n`,
      )
      .join('')}`,
  )

const layout = (nodes: number): string => `
N = ${nodes}
WIDTH = ${widthOf(nodes)}
def inputs_of(index):
    if index < WIDTH: return []
    return [index // WIDTH * WIDTH - WIDTH + ((index + arm * 7) % WIDTH) for arm in range(3)]
`

const dodo = (root: string, nodes: number): void =>
  writeFileSync(
    join(root, 'dodo.py'),
    `${layout(nodes)}
def compute(index, targets):
    total = index + sum(int(open(f'out/t{i}').read()) for i in inputs_of(index))
    with open(targets[0], 'w') as out: out.write(str(total % 1000))
def task_all():
    for index in range(N):
        yield {'name': str(index), 'actions': [(compute, [index])], 'targets': [f'out/t{index}'],
               'file_dep': [f'out/t{i}' for i in inputs_of(index)], 'uptodate': [True]}
`,
  )

const joblibScript = (root: string, nodes: number): void =>
  writeFileSync(
    join(root, 'run.py'),
    `from joblib import Memory
${layout(nodes)}
memory = Memory('cache', verbose=0)
@memory.cache
def compute(index, inputs): return (index + sum(inputs)) % 1000
values = []
for index in range(N): values.append(compute(index, [values[i] for i in inputs_of(index)]))
`,
  )

const snakefile = (root: string, nodes: number): void =>
  writeFileSync(
    join(root, 'Snakefile'),
    `${layout(nodes)}
rule all:
    input: [f'out/t{i}' for i in range(N)]
for index in range(N):
    rule:
        name: f't{index}'
        input: [f'out/t{i}' for i in inputs_of(index)]
        output: f'out/t{index}'
        shell: f'echo {index} > {{output}}'
`,
  )

export const peers: readonly Peer[] = [
  { name: 'make', of: 'shell', probe: ['make', '--version'], prepare: makefile, command: ['make', '-s', 'all'] },
  { name: 'ninja', of: 'shell', probe: ['ninja', '--version'], prepare: ninjaFile, command: ['ninja', '--quiet'] },
  {
    name: 'doit',
    of: 'Python function',
    probe: [python, '-c', 'import doit'],
    prepare: dodo,
    command: [python, '-m', 'doit', '-v', '0'],
  },
  {
    name: 'joblib',
    of: 'Python function',
    probe: [python, '-c', 'import joblib'],
    prepare: joblibScript,
    command: [python, 'run.py'],
  },
  {
    name: 'snakemake',
    of: 'shell',
    probe: [python, '-c', 'import snakemake'],
    prepare: snakefile,
    command: [python, '-m', 'snakemake', '--cores', '1', '--quiet', 'all'],
  },
]

export const isInstalled = ({ probe: [command = '', ...args] }: Peer): boolean =>
  spawnSync(command, args, { stdio: 'ignore' }).status === 0

/** Processor time of a run in this folder in seconds, over all its processes. */
export const peerSeconds = ({ command, name }: Peer, root: string): number => {
  mkdirSync(join(root, 'out'), { recursive: true })
  const script = `TIMEFORMAT='%U %S'; time ("$@" > /dev/null 2>&1 || echo failed >&2)`
  const { stderr } = spawnSync('bash', ['-c', script, 'bash', ...command], {
    cwd: root,
    encoding: 'utf8',
    env: childEnvironment,
  })
  const [user = Number.NaN, system = Number.NaN] = (stderr.trim().split('\n').at(-1) ?? '').split(' ').map(Number)
  if (stderr.includes('failed') || Number.isNaN(user + system)) throw new Error(`${name} has failed: ${stderr}`)
  return user + system
}
