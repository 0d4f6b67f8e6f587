/** Whether programs read this process's standard output: what a project prints must then not be mixed into it. */
let isRead = false

/** Called when programs read the output. */
export const outputIsRead = (): void => {
  isRead = true
}

/** Where child processes print to, as `stdio` of `node:child_process`. */
export const printsTo = (): 'inherit' | 2 => (isRead ? 2 : 'inherit')
