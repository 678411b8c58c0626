// Words disguised by accents, by digits and signs, by spaces between their letters or by none between words, and by repeated
// letters. A word is changed where that makes it one that the judge knows, and it was none before; the others beside it only where
// most of a text is disguised so.
import { withoutMarks } from './invisible.ts'
import type { Vocabulary } from './normalise.ts'

const LEET: Readonly<Record<string, string>> = {
  '0': 'o', '1': 'il', '2': 'z', '3': 'e', '4': 'a', '5': 's', '6': 'gb', '7': 't', '8': 'b', '9': 'g',
  '@': 'a', $: 's', '!': 'il', '|': 'il', '+': 't', '€': 'e', '£': 'l', '¡': 'i',
} // biome-ignore format: a table
const LEET_WORD = /(?<![\w@$!|+€£¡./\\:#-])[a-z0-9@$!|+€£¡]{3,24}(?![\w@$|+€£/\\(:=-])/giu
const ACCENT = /[\u00c0-\u024f\u1e00-\u1eff]/u
const ACCENTED = /(?<!\p{Script=Latin})\p{Script=Latin}*[\u00c0-\u024f\u1e00-\u1eff]\p{Script=Latin}*/gu
const LEET_SIGNS = /(?<![a-z0-9@$!|+€£¡])(?=[a-z]*[0-9@$!|+€£¡])[a-z0-9@$!|+€£¡]+(?<![!])/giu
const SPELT_OUT =
  /(?<![\p{L}\p{N}])\p{L}(?:( {1,2}|[.\-_*·~|,/])\p{L})(?:\1\p{L})+(?![\p{L}\p{N}])(?:(?: {2,}|\n)\p{L}(?:\1\p{L})+(?![\p{L}\p{N}]))*/gu
/** Lines of single characters with a space between them, and more between words. */
const WIDE_GAPS = /(?<!\S)(?<!(?<!\S)\S\s{1,3})\S(?: \S)*(?:(?: {2,}|\n+)\S(?: \S)*)+(?!\S)/gu
/** Words that stand before this place in the vocabulary are common enough to be told apart without spaces. */
const COMMON = 20_000
/** Words with no space between them: longer than nearly every word. */
const RUN_TOGETHER = /(?<![\w@#./\\-])(?:[a-z]|[A-Z](?=[a-z]+(?![a-zA-Z])))[a-z]{17,200}(?![\w@/\\(:=-]|\.\w)/gu
const BROKEN = /(?<![\w./\\@-])[a-z]{1,12}(?:[.\-_*~'’`^]+[a-z]{1,12}){1,4}(?![\w./\\@-])/giu
/** Words, but for what an address of the web begins with. */
const LETTERS = /(?<!\w)[a-z]+(?<!www(?=\.))(?!\w)/giu
const DRAWN_OUT = /([a-z])\1\1/iu

export function withPlainSpelling(text: string, vocabulary: Vocabulary): string {
  const plain = unleetAll(unaccented(text, vocabulary), vocabulary)
    .replace(WIDE_GAPS, (letters) => closedUp(letters, vocabulary) ?? letters)
    .replace(SPELT_OUT, (letters) => joined(letters, vocabulary) ?? letters)
    .replace(RUN_TOGETHER, (letters) => apart(letters, vocabulary) ?? letters)
    .replace(BROKEN, (word) => mended(word, vocabulary) ?? word)
  // Next to no text has such a word: then it is not gone through word by word.
  if (!DRAWN_OUT.test(plain)) return plain
  return plain.replace(LETTERS, (word) => (DRAWN_OUT.test(word) ? undrawn(word, vocabulary) : word))
}

/** "k i l l   y o u ,   a l l": words from gap to gap, where half of them are words that the judge knows. */
function closedUp(letters: string, vocabulary: Vocabulary): string | undefined {
  const apart = letters.split(/ {2,}|(?=\n)/u)
  const found = apart.map((word) => word.replace(/ /g, ''))
  const bare = found.map((word) => word.toLowerCase().replace(/[^a-z]/g, '')).filter((word) => word.length > 1)
  const known = bare.filter((word) => vocabulary.has(word))
  const words = known.length * 2 >= bare.length && known.some((word) => word.length > 2)
  return words ? found.join(' ').replace(/ ?\n/g, '\n') : undefined
}

/** "k i l l  y o u": the letters as words, where they are words from first to last. */
function joined(letters: string, vocabulary: Vocabulary): string | undefined {
  if (/^(?:\p{Lu}\.){2}\p{Lu}$/u.test(letters)) return undefined
  const bare = letters.replace(/[^\p{L}]/gu, '')
  const found = split(bare.toLowerCase(), vocabulary)
  return found && ` ${found.join(' ')} `.replace(/^ (?=\S)/, '').trimEnd()
}

const LITTLE = new Set('a i am an as at be by do go he if in is it me my no of on or so to up us we'.split(' '))

/** "putitintheirtea": three common words at least. */
function apart(letters: string, vocabulary: Vocabulary): string | undefined {
  const found = split(letters.toLowerCase(), vocabulary)
  const common = found?.every((word) => (vocabulary.get(word) ?? 0) < COMMON)
  return found && found.length > 2 && common ? found.join(' ') : undefined
}

/** The fewest known words that make up the letters; undefined where there is no such split. */
function split(letters: string, vocabulary: Vocabulary): string[] | undefined {
  if (letters.length > 200) return undefined
  const best: (string[] | undefined)[] = [[]]
  for (let end = 1; end <= letters.length; end++) {
    for (let start = Math.max(0, end - 20); start < end; start++) {
      const before = best[start]
      const word = letters.slice(start, end)
      if (!before || !(word.length > 2 ? vocabulary.has(word) : LITTLE.has(word))) continue
      if (!best[end] || before.length + 1 < (best[end]?.length ?? 0)) best[end] = [...before, word]
    }
  }
  const found = best[letters.length]
  return found && found.length * 2.5 <= letters.length ? found : undefined
}

/** English words that wear accents, where one word in eight is such and next to no other has any: no language is written so. */
function unaccented(text: string, vocabulary: Vocabulary): string {
  if (!ACCENT.test(text)) return text
  const accented = text.match(ACCENTED) ?? []
  const known = accented.filter((word) => word.length > 2 && vocabulary.has(withoutMarks(word).toLowerCase())).length
  const disguised = known > 2 && known * 3 > accented.length * 2 && known * 8 > wordsIn(text)
  return disguised ? text.replace(ACCENTED, withoutMarks) : text
}

function wordsIn(text: string): number {
  return text.match(/\S+/gu)?.length ?? 0
}

/** Digits and signs for letters: word by word, and where a third of all words mix them, in all that are left. */
function unleetAll(text: string, vocabulary: Vocabulary): string {
  let changed = 0
  let mixed = 0
  const plain = text.replace(LEET_WORD, (word) => {
    const found = unleet(word, vocabulary)
    if (found !== undefined) changed += 1
    if (/[a-z]/iu.test(word) && /[^a-z]/iu.test(word)) mixed += 1
    return found ?? word
  })
  if (changed < 2 || mixed * 3 < wordsIn(text)) return plain
  return plain.replace(LEET_SIGNS, (signs) => {
    const forms = readings(signs)
    return commonest(forms, vocabulary, 1) ?? commonest(forms.flatMap(undrawnForms), vocabulary, 2) ?? forms[0] ?? signs
  })
}

function unleet(word: string, vocabulary: Vocabulary): string | undefined {
  const bare = word.replace(/[!|]+$/u, '')
  if (!/[a-z]/iu.test(bare) || !/[^a-z]/iu.test(bare) || bare.length < 3) return undefined
  // Digits behind a word number it ("room101", "BA117"); a trick puts them among the letters.
  const numbered = /^([a-z]+)(\d+)$/u.exec(bare.toLowerCase())
  if (numbered) {
    const [, letters = '', digits = ''] = numbered
    if (letters.length > 2 ? vocabulary.has(letters) : digits.length > 1) return undefined
  }
  const forms = readings(bare)
  const found = commonest(forms, vocabulary, 4) ?? commonest(forms.flatMap(undrawnForms), vocabulary, 4)
  return found && found + word.slice(bare.length)
}

/** What the signs may stand for, letter by letter. */
function readings(signs: string): readonly string[] {
  return spelt(
    Array.from(signs.toLowerCase(), (sign) => Array.from(LEET[sign] ?? sign)),
    16,
  )
}

/** All words of these parts, each with its alternatives, up to so many. */
function spelt(parts: readonly (readonly string[])[], most: number): readonly string[] {
  return parts.reduce<readonly string[]>(
    (starts, alternatives) => starts.flatMap((start) => alternatives.map((part) => start + part)).slice(0, most),
    [''],
  )
}

/** Of words of so many letters at least the commonest that the judge knows. */
function commonest(words: readonly string[], vocabulary: Vocabulary, letters: number): string | undefined {
  const place = (word: string) => (word.length === 1 ? (/[ai]/.test(word) ? 0 : undefined) : vocabulary.get(word))
  const known = words.filter((word) => word.length >= letters && place(word) !== undefined)
  return known.sort((one, other) => (place(one) as number) - (place(other) as number))[0]
}

/** "ki.ll", "sui-cide": joined where the whole is a word and its parts are not. */
function mended(word: string, vocabulary: Vocabulary): string | undefined {
  const parts = word.toLowerCase().split(/[^a-z]+/u)
  const whole = parts.join('')
  const partsAreWords = parts.every((part) => part.length > 2 && vocabulary.has(part))
  return !partsAreWords && whole.length > 3 && !/^[a-z]+['’](?:s|t|d|m|ll|re|ve)$/iu.test(word) && vocabulary.has(whole)
    ? whole
    : undefined
}

/** "kiiiill": a letter three times or more is taken for one or two, as makes the commoner word; else a vowel for one, a consonant for two. */
function undrawn(word: string, vocabulary: Vocabulary): string {
  if (/^(.)\1*$/iu.test(word) || vocabulary.has(word.toLowerCase())) return word
  return (
    commonest(undrawnForms(word.toLowerCase()), vocabulary, 2) ??
    word.replace(/([aeiou])\1{2,}/giu, '$1').replace(/([a-z])\1{2,}/giu, '$1$1')
  )
}

/** With every repeated letter once or twice. */
function undrawnForms(word: string): readonly string[] {
  const runs = word.match(/([a-z])\1*/gu) ?? []
  return spelt(
    runs.map((run) => (run.length === 1 ? [run] : [run.slice(0, 2), run.slice(0, 1)])),
    32,
  )
}
