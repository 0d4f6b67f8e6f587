/** Variables that every program gets from this process: where to find programs and files, and how to write text. */
const always =
  process.platform === 'win32'
    ? ['PATH', 'PATHEXT', 'SystemRoot', 'ComSpec', 'TEMP', 'TMP', 'USERPROFILE', 'USERNAME', 'APPDATA', 'LOCALAPPDATA']
    : ['PATH', 'HOME', 'USER', 'LOGNAME', 'LANG', 'LC_ALL', 'LC_CTYPE', 'TZ', 'TMPDIR']

/** The variables of a program: only named ones, so that no secret of this process leaks into it. */
export const environmentOf = (given: unknown, passed: readonly string[]): Readonly<Record<string, string>> => {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new TypeError("'env' of a command is to be a record of texts")
  const own = Object.entries(given).map(([name, value]: readonly [string, unknown]) => {
    if (name === '' || /[=\0]/.test(name)) throw new TypeError(`no variable can be called ${JSON.stringify(name)}`)
    if (typeof value !== 'string' || value.includes('\0'))
      throw new TypeError(`the variable ${name} must be a text, got ${typeof value}`)
    return [name, value] as const
  })
  const inherited = [...always, ...passed].flatMap((name) => {
    const value = process.env[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  return Object.fromEntries([...inherited, ...own])
}
