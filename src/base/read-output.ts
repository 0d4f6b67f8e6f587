/** Whether programs read what this process writes to standard output: what a project prints must not be among it. */
let isRead = false

/** From now on they do. */
export const outputIsRead = (): void => {
  isRead = true
}

/** Where child processes of ours print to: as `stdio` of `node:child_process` has it. */
export const printsTo = (): 'inherit' | 2 => (isRead ? 2 : 'inherit')
