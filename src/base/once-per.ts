/**
 * A function that computes once per object: its result, which is never undefined, is kept as long as the object lives.
 */
export const oncePer = <Key extends object, Value>(make: (key: Key) => Value): ((key: Key) => Value) => {
  const known = new WeakMap<Key, Value>()
  return (key) => {
    const before = known.get(key)
    if (before !== undefined) return before
    const made = make(key)
    known.set(key, made)
    return made
  }
}

/**
 * Makes functions like `oncePer` for one kind of key, of which there are many and about which many things are asked: an
 * object has one entry for all of them, where a table each would cost more than most of the answers.
 */
export const oncePerOne = <Key extends object>(): (<Value>(make: (key: Key) => Value) => (key: Key) => Value) => {
  const known = new WeakMap<Key, unknown[]>()
  let count = 0
  return <Value>(make: (key: Key) => Value) => {
    const place = count++
    return (key: Key) => {
      let results = known.get(key)
      if (results === undefined) known.set(key, (results = []))
      else if (results[place] !== undefined) return results[place] as Value // made below
      const made = make(key)
      results[place] = made
      return made
    }
  }
}

/** The same for strings; results are kept forever. */
export const oncePerText = <Value>(make: (text: string) => Value): ((text: string) => Value) => {
  const known = new Map<string, Value>()
  return (text) => {
    const made = known.get(text) ?? make(text)
    known.set(text, made)
    return made
  }
}
