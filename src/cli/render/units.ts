/** Durations, sizes and counts as people read them. */

/** `12 ms`, `2.1 s`, `3 min 05 s`, `2 h 03 min`, `4 d 02 h`. */
export const duration = (seconds: number): string => {
  if (!Number.isFinite(seconds) || seconds < 0) return '?'
  if (seconds < 0.0995) return `${Math.round(seconds * 1000)} ms`
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${padded(whole % 60)} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${padded(minutes % 60)} min`
  const hours = Math.round(seconds / 3600)
  return `${Math.floor(hours / 24)} d ${padded(hours % 24)} h`
}

/** `512 B`, `1.2 kB`, `34 MB`: powers of 1000, at least two digits. */
export const byteSize = (bytes: number): string => {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${unit === 0 || value >= 9.95 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`
}

/** `1 node`, `3 nodes`. */
export const counted = (count: number, noun: string, plural = `${noun}s`): string =>
  `${count} ${count === 1 ? noun : plural}`

/** `16 nodes`, or `25 nodes → 16 distinct` if several share a result, as in `plan`, `diff`, `force` and `sweep`. */
export const countedNodes = (nodes: number, distinct: number, of = ''): string =>
  `${counted(nodes, 'node')}${of}${nodes === distinct ? '' : ` → ${distinct} distinct`}`

/** `2026-11-22 11:34` of an ISO time, in local time. Text that is not a time is returned unchanged. */
export const shortTime = (iso: string): string => {
  const time = new Date(iso)
  if (Number.isNaN(time.getTime())) return iso
  const day = [time.getFullYear(), padded(time.getMonth() + 1), padded(time.getDate())].join('-')
  return `${day} ${padded(time.getHours())}:${padded(time.getMinutes())}`
}

/** `14:03:20` of milliseconds since 1970, in local time; with the date if that differs from the date of `now`. */
export const clockTime = (at: number, now: number): string => {
  const time = new Date(at)
  if (Number.isNaN(time.getTime())) return '?'
  if (time.toDateString() !== new Date(now).toDateString()) return shortTime(time.toISOString())
  return [time.getHours(), time.getMinutes(), time.getSeconds()].map(padded).join(':')
}

/** Six significant digits are enough to recognise a number; integers are shown in full. */
export const shortNumber = (value: number): string => {
  if (Object.is(value, -0)) return '-0'
  if (Number.isInteger(value) || !Number.isFinite(value)) return String(value)
  return String(Number(value.toPrecision(6)))
}

const padded = (number: number): string => String(number).padStart(2, '0')

/** The time of a run info, which is UTC. */
export const timeText = (ended: string): string => shortTime(`${ended.replace(' ', 'T')}Z`)
