// The graph of both sides: layers of nodes, each of which reads one to three of the previous layer.
const [wide] = [Number(process.env.WIDTH ?? 50)]

export const nodes = Number(process.env.NODES ?? 1000)
export const inputsOf = (node) => {
  const layer = Math.floor(node / wide)
  if (layer === 0) return []
  const drawn = [7, 13, 29].slice(0, 1 + (node % 3)).map((step) => (layer - 1) * wide + ((node * step) % wide))
  return [...new Set(drawn)]
}
export const pause = () => new Promise((resolve) => setTimeout(resolve, Number(process.env.MILLISECONDS ?? 5)))
