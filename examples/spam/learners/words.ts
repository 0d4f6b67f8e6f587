/** The words of a text, each once; numbers, prices and words in capitals become words of their own kind. */
export const wordsOf = (subject: string, text: string): ReadonlySet<string> => {
  const words = new Set<string>()
  for (const [prefix, part] of [
    ['subject:', subject],
    ['', text],
  ] as const)
    for (const [word] of part.matchAll(/\[\w+\]|[$€£][\d.,]+|[A-Za-z][A-Za-z'-]+|\d+|!+/g)) {
      if (/^[$€£]/.test(word)) words.add(`${prefix}#price`)
      else if (/^\d/.test(word)) words.add(`${prefix}#number`)
      else {
        words.add(prefix + word.toLowerCase().slice(0, 30))
        if (word.length > 3 && word === word.toUpperCase() && /[A-Z]/.test(word)) words.add(`${prefix}#shouting`)
      }
    }
  return words
}
