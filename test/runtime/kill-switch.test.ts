import { describe, expect, it } from 'vitest'
import { killSwitch, onKill, withKill } from '../../src/runtime/task-run/elsewhere/kill-switch.js'
import type { NodeCalls } from '../../src/runtime/ports/node-job.js'

const never = new AbortController().signal
const callsOf = (kill: ReturnType<typeof killSwitch>): NodeCalls =>
  withKill(
    {
      stop: never,
      emit: () => undefined,
      log: () => undefined,
      lease: async () => ({ release: async () => undefined }),
    },
    kill,
  )

describe('what ends a node that is computed elsewhere', () => {
  it('calls back once, unless nobody waits any more', () => {
    const kill = killSwitch()
    const calls = callsOf(kill)
    const heard: string[] = []
    onKill(calls, () => heard.push('waits'))
    onKill(calls, () => heard.push('does not wait'))()
    kill.kill('over')
    kill.kill('again')
    expect(heard).toEqual(['waits'])
  })

  it('aborts its signal, whenever that was read', () => {
    const kill = killSwitch()
    const calls = callsOf(kill)
    const early = calls.kill
    const heard: unknown[] = []
    early.addEventListener('abort', () => heard.push(early.reason))
    kill.kill('over')
    kill.kill('again')
    expect(heard).toEqual(['over'])
    expect(calls.kill).toBe(early)
    const late = killSwitch()
    late.kill('over')
    expect(callsOf(late).kill).toMatchObject({ aborted: true, reason: 'over' })
  })

  it('reaches an executor that gets a copy of the calls, or calls with another signal', () => {
    const kill = killSwitch()
    const other = new AbortController()
    const heard: string[] = []
    onKill({ ...callsOf(kill) }, () => heard.push('copy'))
    onKill({ ...callsOf(kill), kill: other.signal }, () => heard.push('other'))
    kill.kill('over')
    expect(heard).toEqual(['copy'])
    other.abort()
    expect(heard).toEqual(['copy', 'other'])
  })

  it('reaches one that wraps the calls', () => {
    const kill = killSwitch()
    const calls = callsOf(kill)
    const wrapped = [new Proxy(calls, {}), Object.setPrototypeOf({ emit: () => undefined }, calls) as NodeCalls]
    const heard: string[] = []
    for (const one of wrapped) onKill(one, () => heard.push('over'))
    kill.kill('over')
    expect(heard).toEqual(['over', 'over'])
    for (const one of wrapped) expect(one.kill).toMatchObject({ aborted: true, reason: 'over' })
  })
})
