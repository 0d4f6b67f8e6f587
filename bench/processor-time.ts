import { spawn, type ChildProcess } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

/** A process of a benchmark. */
export interface Member {
  readonly child: ChildProcess
  /** The next line that it says. */
  readonly line: () => Promise<string>
  readonly ended: Promise<unknown>
}

/** Resolves when it has said its first line. */
export const startMember = async (script: string, words: readonly string[], env: object): Promise<Member> => {
  const child = spawn(process.execPath, [script, ...words], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  })
  const ended = new Promise((resolve) => child.once('close', resolve))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const line = async (): Promise<string> => String((await lines.next()).value)
  await line()
  return { child, line, ended }
}

/** Ticks of 10 ms that a process has used, with those that it has started. */
export const ticksOf = (pid: number): number => {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ')
    const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean),
    )
    const own = [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0)
    return children.reduce((sum, child) => sum + ticksOf(Number(child)), own)
  } catch {
    return 0
  }
}
