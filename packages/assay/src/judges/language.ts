import { eld } from 'eld/small'

/** Languages (ISO 639-1) in which the judge was measured and found good: see its card. */
const GOOD: ReadonlySet<string> = new Set(['en'])
/** Letters of another script below which a text is too short to tell: a name, a formula. */
const ENOUGH_LETTERS = 8
/** And below which the detector's word alone does not count: names, code and lists look like anything. */
const ENOUGH_LATIN_LETTERS = 60
const SAMPLE_CHARACTERS = 2000
/** A good language that scores so near to the best is taken for it: loan words and names pull a text towards another. */
const NEAR = 0.75

/**
 * Whether the judge can read a text: false where most of its letters are of another script than Latin, or where the text is
 * reliably found to be in a language in which the judge was not found good.
 */
export function isReadable(text: string): boolean {
  return samplesOf(text).every(isSampleReadable)
}

/** The whole of a short text; beginning, middle and end of a longer one. */
function samplesOf(text: string): string[] {
  const last = text.length - SAMPLE_CHARACTERS
  const starts = last <= 0 ? [0] : [...new Set([0, Math.floor(last / 2), last])]
  return starts.map((start) => text.slice(start, start + SAMPLE_CHARACTERS))
}

function isSampleReadable(sample: string): boolean {
  const letters = sample.match(/\p{L}/gu)?.length ?? 0
  if (letters < ENOUGH_LETTERS) return true
  const latin = sample.match(/\p{Script=Latin}/gu)?.length ?? 0
  if (latin * 2 < letters) return false
  if (latin < ENOUGH_LATIN_LETTERS) return true
  const found = eld.detect(sample)
  if (found.language === '' || GOOD.has(found.language) || !found.isReliable()) return true
  const scores = found.getScores()
  const best = scores[found.language] ?? 0
  return Object.entries(scores).some(([language, score]) => GOOD.has(language) && score >= NEAR * best)
}
