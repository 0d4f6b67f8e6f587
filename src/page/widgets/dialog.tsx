import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

/** The browser's modal dialog: it traps the focus, and Escape closes it. */
export const Dialog = ({
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
