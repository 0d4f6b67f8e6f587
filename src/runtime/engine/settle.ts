import type { RunError } from '../../errors.js'
import type { Reading } from '../session/reading-types.js'
import { hiddenIn } from '../session/secrets.js'
import type { Produced } from '../session/session.js'
import { unreadable } from '../task-run/node-failures.js'
import { addLoaded, noteAdopted, noteComputed, type Run } from './run-state.js'
import type { Lost, RunUnit } from './run-types.js'
import type { Fact } from './schedule-types.js'

/** Adds the outcome of a unit to the report, and returns it as a fact for the scheduler. */
export const settle = (run: Run, unit: RunUnit, produced: Produced): Fact => {
  const { session, report } = run
  const { id, node } = unit
  switch (produced._tag) {
    case 'computed':
    case 'loaded':
      takeValue(run, unit, produced)
      return produced._tag === 'computed' ? { _tag: 'computed', unit: id, as: 'value' } : { _tag: 'loaded', unit: id }
    case 'kept':
      session.damaged.delete(node.key)
      noteComputed(run, unit)
      unit.madeElsewhere = true
      if (produced.digest !== undefined) unit.content = { digest: produced.digest }
      return { _tag: 'computed', unit: id, as: 'kept' }
    case 'adopted':
      session.damaged.delete(node.key)
      noteAdopted(run, unit)
      unit.madeElsewhere = true
      return { _tag: 'computed', unit: id, as: 'kept' }
    case 'missed':
      takeMiss(run, unit, produced.reason)
      return { _tag: 'missed', unit: id }
    case 'damaged':
      return takeDamage(run, unit, produced.readings)
    case 'failed':
      fail(run, unit, produced.error)
      return { _tag: 'failed', unit: id }
    case 'unfinished': {
      const reason = session.secrets.mask().text(produced.reason)
      unit.lost = { _tag: 'unfinished', reason }
      report.unfinished.push({ node: node.id, reason })
      run.emit({ _tag: 'unfinished', node: node.id, key: node.key, reason })
      return { _tag: 'unfinished', unit: id }
    }
    case 'stopped':
      return { _tag: 'stopped', unit: id }
  }
}

const takeValue = (
  run: Run,
  unit: RunUnit,
  produced: Extract<Produced, { readonly _tag: 'computed' | 'loaded' }>,
): void => {
  const { node, inputs } = unit
  run.values.put(unit.id, produced.value)
  unit.content = produced.content
  if (produced.reading !== undefined) unit.readings = [produced.reading]
  else unit.readings = node.storage === 'memory' ? [...new Set(inputs.flatMap(({ readings }) => readings))] : []
  run.session.damaged.delete(node.key)
  if (produced._tag === 'computed') noteComputed(run, unit)
  else if (!unit.madeElsewhere) {
    run.driftReport.emit(unit)
    addLoaded(run.report, node.key, node.id)
    if (node.storage !== 'memory') run.report.reused.set(node.key, node)
  }
  if (node.storage === 'memory') keepValue(run, unit)
}

/** Keeps a value for later requests, within the session's limit. */
export const keepValue = ({ session, values, emit }: Run, { id, node, content, readings }: RunUnit): void => {
  const known = values.get(id)
  if (known === undefined) return
  for (const gone of session.memory.keep(node, { ...known, content, readings })) emit({ _tag: 'evicted', ...gone })
}

const takeMiss = (run: Run, unit: RunUnit, problem: string): void => {
  const { node } = unit
  const reason = run.session.secrets.mask().text(problem)
  run.committed.delete(node.key)
  unit.missed = reason
  if (!unit.madeElsewhere) run.emit({ _tag: 'missed', node: node.id, key: node.key, reason })
}

const takeDamage = (run: Run, unit: RunUnit, readings: readonly Reading[]): Fact => {
  if (readings.length === 0) {
    fail(run, unit, unreadable(run.session, unit.node, undefined).error)
    return { _tag: 'failed', unit: unit.id }
  }
  const holders = run.units.filter((other) => other.readings.some((reading) => readings.includes(reading)))
  unit.damage = { readings, holders }
  const artifacts = readings.map(({ node }) => run.graph.positionOf({ plan: unit.plan, node }))
  return { _tag: 'damaged', unit: unit.id, artifacts: [...new Set(artifacts)], holders: holders.map(({ id }) => id) }
}

/** Marks damaged inputs as such and forgets the values that came from them; then they are requested again. */
export const repair = async (run: Run, { id, damage }: RunUnit): Promise<void> => {
  const { readings, holders } = damage ?? { readings: [], holders: [] }
  await Promise.all(readings.map((reading) => reading.marked()))
  for (const { node } of holders) run.session.memory.delete(node.key)
  for (const { node } of readings) run.committed.delete(node.key)
  run.feed({ _tag: 'repaired', unit: id })
}

/** An artifact was found damaged or missing too often for one unit. */
export const giveUp = (run: Run, unit: RunUnit, artifact: number): void => {
  const { node } = run.graph.itemAt(artifact)
  const reading = unit.damage?.readings.find((one) => one.node.key === node.key)
  const cause = reading === undefined ? new Error(unit.missed ?? 'absent') : reading.damage()
  fail(run, unit, unreadable(run.session, reading?.node ?? node, cause).error)
}

const fail = (run: Run, unit: RunUnit, cause: RunError): void => {
  const { node } = unit
  const error = hiddenIn(cause, run.session.secrets.mask())
  unit.lost = { _tag: 'failed', error }
  run.report.failed.push(error)
  run.emit({ _tag: 'failed', node: node.id, key: node.key, error })
}

/** A unit that is not run, because inputs have no value or the run was stopped. */
export const skip = (run: Run, unit: RunUnit, because: readonly RunUnit[]): void => {
  const { node } = unit
  const lost = because.flatMap((input) => (input.lost === undefined ? [] : [reasonsOf(unit, input, input.lost)]))
  const names = [...new Set(lost.flatMap((reasons) => reasons.because))].sort()
  unit.lost =
    names.length === 0
      ? { _tag: 'stopped' }
      : { _tag: 'skipped', because: names, errors: [...new Set(lost.flatMap(({ errors }) => errors))] }
  run.report.skipped.push({ node: node.id, because: names })
  run.emit({ _tag: 'skipped', node: node.id, key: node.key, because: names })
}

const reasonsOf = (
  unit: RunUnit,
  input: RunUnit,
  lost: Lost,
): { readonly because: readonly string[]; readonly errors: readonly RunError[] } => {
  const because = [input.node.id]
  switch (lost._tag) {
    case 'skipped':
      return lost
    case 'failed':
      return { because, errors: [lost.error] }
    case 'unfinished':
      return { because, errors: [{ _tag: 'UnfinishedInput', node: unit.node.id, because, reason: lost.reason }] }
    case 'stopped':
      return { because: [], errors: [] }
  }
}
