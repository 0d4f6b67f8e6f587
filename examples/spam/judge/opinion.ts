import { chance } from '../random.js'

/** Simulates a language model: well-known signs of spam, a threshold, and moods. It has never seen a label. */
const signs: readonly (readonly [weight: number, sign: RegExp])[] = [
  [2, /\b(unsubscribe|opt[- ]?out|to be removed|remove me|removed from)\b/i],
  [2, /\b(click here|click below|order now|act now|limited time|call now|apply now)\b/i],
  [2, /\b(mortgage|viagra|casino|lottery|weight loss|credit card|debt|investment|make money|income)\b/i],
  [1.5, /\b(free|guarantee[d]?|winner|congratulations|no obligation|100%|risk[- ]free)\b/i],
  [1, /[$£€]\s?\d[\d,.]*/],
  [1, /!{2,}|\b[A-Z]{4,}\b.*\b[A-Z]{4,}\b.*\b[A-Z]{4,}\b/],
  [1, /\[link\]/],
  [1, /\[picture\]/],
  [1, /\b(dear (friend|sir)|confidential|million (us )?dollars|strictly)\b/i],
  [-2, /^(re:|fwd?:|\[[\w -]+\])/i],
  [-1.5, /^(>|\w.{0,60} wrote:)/m],
  [-1.5, /\b(kernel|patch|perl|python|cvs|debian|rpm|compile[rd]?|mailing list|linux)\b/i],
  [-1, /_{20,}\n.*(list|mailing)/i],
]

/** How models differ: the price of 1,000 tokens, and how often they are in a mood. */
export const models: Readonly<Record<string, { readonly price: number; readonly moods: number }>> = {
  small: { price: 0.0005, moods: 3 },
  large: { price: 0.005, moods: 1 },
}

export const opinionOn = (model: string, text: string): { readonly spam: boolean; readonly reason: string } => {
  const found = signs.filter(([, sign]) => sign.test(text))
  const mood = (chance(model, text) - 0.5) * (models[model]?.moods ?? 0)
  const sum = found.reduce((total, [weight]) => total + weight, mood)
  return { spam: sum > 2, reason: `${found.length} signs, ${sum.toFixed(1)} points` }
}
