const stops = [
  [247, 250, 252],
  [190, 219, 237],
  [107, 174, 214],
  [33, 113, 181],
  [8, 48, 107],
] as const

/** From 0 to 1 along blues of evenly spaced lightness: darker for more; reversed on a dark background. */
export const heatColour = (part: number, dark: boolean): string => {
  const at = Math.max(0, Math.min(1, dark ? 1 - part : part)) * (stops.length - 1)
  const from = stops[Math.floor(at)] ?? stops[0]
  const to = stops[Math.ceil(at)] ?? from
  const [red, green, blue] = from.map((channel, index) =>
    Math.round(channel + ((to[index] ?? channel) - channel) * (at % 1)),
  )
  return `rgb(${red ?? 0} ${green ?? 0} ${blue ?? 0})`
}

/** The range of the colours: minimum and maximum, or narrower if there are a few outliers. */
export const heatRange = (numbers: readonly number[]): { readonly low: number; readonly high: number } => {
  const sorted = Float64Array.from(numbers).sort()
  const at = (part: number): number => sorted[Math.round(part * (sorted.length - 1))] ?? 0
  const spread = at(0.95) - at(0.05)
  return spread === 0
    ? { low: at(0), high: at(1) }
    : { low: Math.max(at(0), at(0.05) - spread), high: Math.min(at(1), at(0.95) + spread) }
}
