const BLOCKS = '▁▂▃▄▅▆▇█'

/** Numbers as a line of blocks, at most so many: where there are more, each block is the mean of neighbours. */
export function sparkline(values: readonly number[], width: number): string {
  const count = Math.min(values.length, width)
  const means = Array.from({ length: count }, (_, place) => {
    const part = values.slice(
      Math.floor((place * values.length) / count),
      Math.floor(((place + 1) * values.length) / count),
    )
    return part.reduce((sum, value) => sum + value, 0) / part.length
  })
  const low = Math.min(...means)
  const range = Math.max(...means) - low
  return means
    .map((mean) => BLOCKS[range === 0 ? 0 : Math.round(((mean - low) / range) * (BLOCKS.length - 1))])
    .join('')
}
