/** So many characters are waited for before the first piece: about a sentence, half a second of a small model. */
const FEWEST = 80
/** And at most so many before a later one. */
const MOST = 400
/** A sentence that goes on for so many times what is waited for is cut between two words. */
const PATIENCE = 3
/** A sentence ends where space follows its mark: `3.14` has no end within it. */
const SENTENCE_END = /[.!?…][)\]"'’”]*\s|[。！？]|\n/g

/**
 * How much of a text that is still being written is judged next, in characters; 0: not yet enough.
 *
 * A piece ends with a sentence where it can, since half a sentence may mean something else than the whole. Each piece is
 * judged again with what stands before it, so pieces grow with the text: the work stays within some six times that of
 * judging the whole once.
 *
 * @param waiting what was written since the last piece
 * @param before characters of all pieces before
 */
export function pieceOf(waiting: string, before: number): number {
  const enough = Math.min(MOST, Math.max(FEWEST, before / 2))
  if (waiting.length < enough) return 0
  const end = [...waiting.matchAll(SENTENCE_END)].at(-1)
  if (end) return end.index + end[0].length
  if (waiting.length < PATIENCE * enough) return 0
  const space = waiting.search(/\s\S*$/)
  return space > 0 ? space + 1 : waiting.length
}
