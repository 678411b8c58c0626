/** Letters below which a text is too short to tell. */
const ENOUGH_LETTERS = 20

/**
 * Whether the judge can read a text: false where most of its letters are of another script than Latin.
 * Which language a Latin text is in is not found out here.
 */
export function isReadable(text: string): boolean {
  const sample = text.slice(0, 4000)
  const letters = sample.match(/\p{L}/gu)?.length ?? 0
  if (letters < ENOUGH_LETTERS) return true
  const latin = sample.match(/\p{Script=Latin}/gu)?.length ?? 0
  return latin * 2 >= letters
}
