/** Name and frames of an error for the log; never its message, which may quote what was being read. */
export function where(error: unknown): { name?: string; at?: string[] } {
  if (!(error instanceof Error)) return {}
  const frames = error.stack?.split('\n').filter((line) => line.startsWith('    at ')) ?? []
  return { name: error.name, at: frames.slice(0, 6).map((line) => line.trim()) }
}
