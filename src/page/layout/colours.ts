/** Hue of a group by its index in the project: neighbours differ, and a group looks the same in every config. */
export const hueOf = (colour: number): number => (210 + colour * 137.508) % 360

/** Top-level nodes, which have no group, are grey. */
export const fillOf = (colour: number, dark: boolean): string =>
  colour < 0 ? (dark ? '#2a2d33' : '#eceef1') : `hsl(${hueOf(colour).toFixed(1)} ${dark ? '32% 23%' : '60% 90%'})`

export const lineOf = (colour: number, dark: boolean): string =>
  colour < 0 ? (dark ? '#7d838d' : '#8a919c') : `hsl(${hueOf(colour).toFixed(1)} ${dark ? '50% 62%' : '55% 40%'})`

/** For boxes: a barely visible tint. */
export const washOf = (colour: number, dark: boolean): string =>
  colour < 0
    ? dark
      ? 'rgba(255,255,255,.025)'
      : 'rgba(20,30,50,.025)'
    : `hsl(${hueOf(colour).toFixed(1)} ${dark ? '40% 50% / .07' : '60% 60% / .09'})`
