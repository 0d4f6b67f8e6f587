const stops = [
  [247, 250, 252],
  [190, 219, 237],
  [107, 174, 214],
  [33, 113, 181],
  [8, 48, 107],
] as const

/** From 0 to 1 along blues of even lightness: more ink for more; on dark ground the other way round. */
export const heatColour = (part: number, dark: boolean): string => {
  const at = Math.max(0, Math.min(1, dark ? 1 - part : part)) * (stops.length - 1)
  const from = stops[Math.floor(at)] ?? stops[0]
  const to = stops[Math.ceil(at)] ?? from
  const [red, green, blue] = from.map((channel, index) =>
    Math.round(channel + ((to[index] ?? channel) - channel) * (at % 1)),
  )
  return `rgb(${red ?? 0} ${green ?? 0} ${blue ?? 0})`
}
