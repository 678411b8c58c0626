/** So much of a part is in the next one too: a sentence on a seam is read whole. */
const OVERLAP = 200

/**
 * Cuts a text that is too long for a judge. Blank text has no parts.
 *
 * @param most UTF-16 units of a part, more than twice the overlap; no part has more characters than that
 */
export function partsOf(text: string, most: number): string[] {
  if (text.trim() === '') return []
  const parts: string[] = []
  for (let from = 0; ; ) {
    const end = from + most >= text.length ? text.length : beforeCharacter(text, from + most)
    parts.push(text.slice(from, end))
    if (end === text.length) return parts
    from = beforeCharacter(text, end - OVERLAP)
  }
}

/** The place itself, or the one before it where it lies within a surrogate pair. */
function beforeCharacter(text: string, at: number): number {
  const unit = text.charCodeAt(at)
  return unit >= 0xdc00 && unit <= 0xdfff ? at - 1 : at
}
