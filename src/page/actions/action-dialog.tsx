import { useEffect, useRef, useState } from 'preact/hooks'
import type { AskAnswer, Trouble } from '../../ui/contract.js'
import { changes, source } from '../state/page-state.js'
import { Loading } from '../widgets/empty.js'
import { Troubles, TroubleText } from '../widgets/trouble.js'
import { counted, countText, secondsText } from '../words.js'
import type { Actions } from '../../ui/addresses.js'
import type { Loaded } from '../state/use-answer.js'
import type { ComponentChildren } from 'preact'

/** The requested action, on these tasks; on all if the list is empty. */
export interface Wanted {
  readonly action: 'run' | 'force'
  readonly tasks: readonly string[]
}

/** Shows what an action will do, and performs it once when confirmed. */
export const ActionDialog = ({
  config,
  wanted,
  onClose,
}: {
  readonly config: string
  readonly wanted: Wanted
  readonly onClose: () => void
}) => {
  const asked = useAction('ask', { ...wanted, config })
  const [deletes, setDeletes] = useState(false)
  const [busy, setBusy] = useState(false)
  const [errors, setErrors] = useState<readonly Trouble[]>()
  const confirm = async (): Promise<void> => {
    setBusy(true)
    const answer = await (wanted.action === 'run'
      ? source.act('start', { config, tasks: wanted.tasks })
      : source.act('force', { config, tasks: wanted.tasks, delete: deletes }))
    setBusy(false)
    if (!answer.ok) {
      setErrors(answer.errors)
      return
    }
    changes.store.value += 1
    onClose()
  }
  const what = asked.value
  const nothing = what !== undefined && (what.refused !== undefined || what.nodes.length === 0)
  return (
    <Dialog title={titleOf(config, wanted)} onClose={onClose} testId="action-dialog">
      {errors === undefined ? null : <Troubles errors={errors} />}
      {asked.errors === undefined ? null : <Troubles errors={asked.errors} />}
      {what === undefined ? (
        asked.errors === undefined ? (
          <Loading what="Checking what would happen" />
        ) : null
      ) : (
        <WhatHappens what={what} deletes={deletes} />
      )}
      {wanted.action === 'force' && what !== undefined && !nothing ? (
        <label class="check">
          <input
            type="checkbox"
            checked={deletes}
            data-testid="delete"
            onChange={({ currentTarget }) => setDeletes(currentTarget.checked)}
          />{' '}
          Delete the stored results now
        </label>
      ) : null}
      <p class="row end">
        <button type="button" onClick={onClose}>
          {nothing ? 'Close' : 'Cancel'}
        </button>
        {nothing ? null : (
          <button
            type="button"
            class={deletes ? 'danger' : 'primary'}
            data-testid="confirm"
            disabled={busy || what === undefined}
            onClick={() => void confirm()}
          >
            {wanted.action === 'run' ? 'Run' : deletes ? 'Delete' : 'Force'}
          </button>
        )}
      </p>
    </Dialog>
  )
}

const titleOf = (config: string, { action, tasks }: Wanted): string => {
  const what = tasks.length === 0 ? config : tasks.length === 1 ? (tasks[0] ?? '') : counted(tasks.length, 'task')
  return action === 'run' ? `Run ${what}` : `Force ${what}`
}

const WhatHappens = ({ what, deletes }: { readonly what: AskAnswer; readonly deletes: boolean }) => {
  if (what.refused !== undefined) return <TroubleText trouble={what.refused} />
  if (what.nodes.length === 0)
    return (
      <p>
        {what.action === 'run'
          ? 'Everything is stored: there is nothing to compute.'
          : 'Nothing is stored: there is nothing to force.'}
      </p>
    )
  return (
    <>
      <p>{happening(what, deletes)}</p>
      <Names names={what.nodes} />
      {what.stored.length > 0 && what.action === 'run' ? (
        <p>{counted(what.stored.length, 'stored result')} will be replaced.</p>
      ) : null}
      {what.elsewhereInAll === 0 ? null : (
        <>
          <p>Results of other configs were made from these, and may become stale:</p>
          <Names names={what.elsewhere.map(({ task, config }) => `${task} (${config})`)} />
        </>
      )}
    </>
  )
}

const happening = (what: AskAnswer, deletes: boolean): string => {
  const count = counted(what.nodes.length, 'task')
  const memory = what.inMemory > 0 ? `, ${countText(what.inMemory)} of them in memory only` : ''
  const known = what.timed < what.nodes.length ? ` (known for ${what.timed})` : ''
  const took = what.timed === 0 ? '' : ` This took ${secondsText(what.seconds)} before${known}.`
  if (what.action === 'run') return `${count} will be computed${memory}.${took}`
  return deletes
    ? `The stored results of ${count} will be deleted.${took}`
    : `${count} will be recomputed by the next run; stored results stay until then.${took}`
}

const Names = ({ names }: { readonly names: readonly string[] }) => (
  <ul class="names" tabIndex={0}>
    {names.slice(0, 200).map((name) => (
      <li>{name}</li>
    ))}
    {names.length > 200 ? <li class="dim">and {countText(names.length - 200)} more</li> : null}
  </ul>
)

/** Asks for confirmation before stopping a run that this server has started. */
export const AbortDialog = ({
  started,
  config,
  onClose,
}: {
  readonly started: number
  readonly config: string
  readonly onClose: () => void
}) => {
  const [errors, setErrors] = useState<readonly Trouble[]>()
  const [busy, setBusy] = useState(false)
  const abort = async (): Promise<void> => {
    setBusy(true)
    const answer = await source.act('abort', { started })
    setBusy(false)
    if (answer.ok) onClose()
    else setErrors(answer.errors)
  }
  return (
    <Dialog title={`Abort the run of ${config}`} onClose={onClose} testId="abort-dialog">
      {errors === undefined ? null : <Troubles errors={errors} />}
      <p>
        Running tasks are stopped and their work is lost. What was saved stays, and the next run continues from there.
      </p>
      <p class="row end">
        <button type="button" onClick={onClose}>
          Keep running
        </button>
        <button type="button" class="danger" data-testid="confirm" disabled={busy} onClick={() => void abort()}>
          Abort
        </button>
      </p>
    </Dialog>
  )
}

/** The answer to a POST that changes nothing, requested once. */
const useAction = <Name extends 'ask'>(name: Name, asked: Actions[Name]['asked']): Loaded<Actions[Name]['answer']> => {
  const [loaded, setLoaded] = useState<Loaded<Actions[Name]['answer']>>({ loading: true })
  useEffect(() => {
    let wanted = true
    void source.act(name, asked).then((answer) => {
      if (!wanted) return
      setLoaded(
        answer.ok
          ? { value: answer.value, loading: false }
          : { errors: answer.errors, status: answer.status, loading: false },
      )
    })
    return () => {
      wanted = false
    }
  }, [])
  return loaded
}

/** The browser's modal dialog: it traps the focus, and Escape closes it. */
const Dialog = ({
  title,
  testId,
  onClose,
  children,
}: {
  readonly title: string
  readonly testId: string
  readonly onClose: () => void
  readonly children: ComponentChildren
}) => {
  const place = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    if (place.current?.open === false) place.current.showModal()
  }, [])
  return (
    <dialog
      ref={place}
      aria-labelledby="dialog-title"
      data-testid={testId}
      onClose={onClose}
      onKeyDown={(event) => event.stopPropagation()}
    >
      <h2 id="dialog-title">{title}</h2>
      {children}
    </dialog>
  )
}
