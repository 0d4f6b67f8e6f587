/** The value of a plain scalar in the core schema of YAML 1.2. */
export const coreValue = (text: string): null | boolean | number | string => {
  if (/^(?:~|null|Null|NULL|)$/.test(text)) return null
  if (/^(?:true|True|TRUE|false|False|FALSE)$/.test(text)) return text.toLowerCase() === 'true'
  if (/^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|0o[0-7]+|0x[0-9a-fA-F]+)$/.test(text))
    return Number(text)
  const endless = /^([-+]?)\.(?:(inf|Inf|INF)|nan|NaN|NAN)$/.exec(text)
  if (endless === null || (endless[2] === undefined && endless[1] !== '')) return text
  return endless[2] === undefined ? NaN : endless[1] === '-' ? -Infinity : Infinity
}
