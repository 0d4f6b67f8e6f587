/** Numbers, times and sizes for people. */

export const secondsText = (seconds: number): string => {
  if (seconds < 0.0995) return `${Math.round(seconds * 1000)} ms`
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`
  if (seconds < 59.5) return `${Math.round(seconds)} s`
  if (seconds < 3570) return `${Math.floor(seconds / 60)} min ${pad(Math.floor(seconds % 60))} s`
  return `${Math.floor(seconds / 3600)} h ${pad(Math.floor((seconds % 3600) / 60))} min`
}

const pad = (number: number): string => String(number).padStart(2, '0')

export const bytesText = (bytes: number): string => {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']
  let [size, unit] = [bytes, 0]
  for (; size >= 999.5 && unit < units.length - 1; unit += 1) size /= 1000
  return `${unit === 0 || size >= 99.5 ? Math.round(size) : size.toFixed(1)} ${units[unit] ?? ''}`
}

/** At most five significant digits for fractions; whole numbers have groups of three. */
export const numberText = (value: number): string => {
  if (!Number.isFinite(value)) return String(value)
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return countText(value)
  const size = Math.abs(value)
  return size >= 1e6 || size < 1e-4 ? value.toExponential(3) : String(Number(value.toPrecision(5)))
}

/** `12,345`, but `2011`, which may be a year; the same in every locale. */
export const countText = (count: number): string =>
  Math.abs(count) < 10_000 ? String(count) : String(count).replace(/\B(?=(\d{3})+(?!\d))/g, ',')

export const counted = (count: number, noun: string, plural = `${noun}s`): string =>
  `${countText(count)} ${count === 1 ? noun : plural}`

/** `2026-11-27 15:59` in the viewer's time zone. */
export const timeText = (iso: string): string => {
  const date = new Date(iso)
  if (Number.isNaN(date.getTime())) return iso
  const day = `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`
  return `${day} ${pad(date.getHours())}:${pad(date.getMinutes())}`
}
