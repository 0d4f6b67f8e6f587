/** An answer of a model: its text, why it ended, and what it cost. */
export interface Answer {
  readonly text: string
  readonly finish: 'stop' | 'length'
  readonly tokens: number
}

export interface Request {
  readonly model: string
  readonly prompt: string
  readonly apiKey: string
  readonly signal: AbortSignal
}

/**
 * Asks a model. This one needs no network, so that the project runs immediately: replace it with a call to your
 * provider, `fetch(address, { method: 'POST', headers: { authorization: `Bearer ${apiKey}` }, body, signal })`.
 */
export const ask = ({ model, prompt, signal }: Request): Promise<Answer> => {
  signal.throwIfAborted()
  const capital = capitals[/capital of (\w+)/.exec(prompt)?.[1] ?? '']
  const knows = capital !== undefined && (model === 'large' || capital.length > 5)
  return Promise.resolve({ text: knows ? capital : 'I do not know', finish: 'stop', tokens: prompt.length })
}

const capitals: Readonly<Record<string, string>> = {
  France: 'Paris',
  Peru: 'Lima',
  Japan: 'Tokyo',
  Iceland: 'Reykjavik',
}
