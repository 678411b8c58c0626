// Words disguised by digits and signs, by spaces between their letters, and by repeated letters. A word is changed only
// where that makes it one that the judge knows, and it was none before.
import type { IsWord } from './normalise.ts'

const LEET: Readonly<Record<string, string>> = {
  '0': 'o', '1': 'il', '2': 'z', '3': 'e', '4': 'a', '5': 's', '6': 'gb', '7': 't', '8': 'b', '9': 'g',
  '@': 'a', $: 's', '!': 'il', '|': 'il', '+': 't', '€': 'e', '£': 'l', '¡': 'i',
} // biome-ignore format: a table
const LEET_WORD = /(?<![\w@$!|+€£¡./\\:#-])[a-z0-9@$!|+€£¡]{3,24}(?![\w@$|+€£/\\(:=-])/giu
const SPELT_OUT =
  /(?<![\p{L}\p{N}])\p{L}(?:( {1,2}|[.\-_*·~|,/])\p{L})(?:\1\p{L})+(?![\p{L}\p{N}])(?:(?: {2,}|\n)\p{L}(?:\1\p{L})+(?![\p{L}\p{N}]))*/gu
const BROKEN = /(?<![\w./\\@-])[a-z]{1,12}(?:[.\-_*~'’`^]+[a-z]{1,12}){1,4}(?![\w./\\@-])/giu
const LETTERS = /(?<![\w-])[a-z]+(?![\w-])/giu
const DRAWN_OUT = /([a-z])\1\1/iu

export function withPlainSpelling(text: string, isWord: IsWord): string {
  const plain = text
    .replace(SPELT_OUT, (letters) => joined(letters, isWord) ?? letters)
    .replace(LEET_WORD, (word) => unleet(word, isWord) ?? word)
    .replace(BROKEN, (word) => mended(word, isWord) ?? word)
  // Next to no text has such a word: then it is not gone through word by word.
  if (!DRAWN_OUT.test(plain)) return plain
  return plain.replace(LETTERS, (word) => (DRAWN_OUT.test(word) ? undrawn(word, isWord) : word))
}

/** "k i l l  y o u": the letters as words, where they are words from first to last. */
function joined(letters: string, isWord: IsWord): string | undefined {
  if (/^(?:\p{Lu}\.){2}\p{Lu}$/u.test(letters)) return undefined
  const bare = letters.replace(/[^\p{L}]/gu, '')
  const found = split(bare.toLowerCase(), isWord)
  return found && ` ${found.join(' ')} `.replace(/^ (?=\S)/, '').trimEnd()
}

const LITTLE = new Set('a i am an as at be by do go he if in is it me my no of on or so to up us we'.split(' '))

/** The fewest known words that make up the letters; undefined where there is no such split. */
function split(letters: string, isWord: IsWord): string[] | undefined {
  if (letters.length > 200) return undefined
  const best: (string[] | undefined)[] = [[]]
  for (let end = 1; end <= letters.length; end++) {
    for (let start = Math.max(0, end - 20); start < end; start++) {
      const before = best[start]
      const word = letters.slice(start, end)
      if (!before || !(word.length > 2 ? isWord(word) : LITTLE.has(word))) continue
      if (!best[end] || before.length + 1 < (best[end]?.length ?? 0)) best[end] = [...before, word]
    }
  }
  const found = best[letters.length]
  return found && found.length * 2.5 <= letters.length ? found : undefined
}

function unleet(word: string, isWord: IsWord): string | undefined {
  const bare = word.replace(/[!|]+$/u, '')
  if (!/[a-z]/iu.test(bare) || !/[^a-z]/iu.test(bare) || bare.length < 3) return undefined
  // Digits behind a word number it ("room101"); a trick puts them among the letters.
  if (
    /^[a-z]+\d+$/iu.test(bare) &&
    bare.replace(/\d/g, '').length > 2 &&
    isWord(bare.replace(/\d+$/, '').toLowerCase())
  )
    return undefined
  let candidates = ['']
  for (const sign of bare.toLowerCase()) {
    const letters = LEET[sign] ?? sign
    candidates = candidates.flatMap((start) => Array.from(letters, (letter) => start + letter)).slice(0, 16)
  }
  const found =
    candidates.find((candidate) => candidate.length > 3 && isWord(candidate)) ??
    candidates
      .map((candidate) => undrawnWord(candidate, isWord))
      .find((candidate) => candidate !== undefined && candidate.length > 3)
  return found && found + word.slice(bare.length)
}

/** "ki.ll", "sui-cide": joined where the whole is a word and its parts are not. */
function mended(word: string, isWord: IsWord): string | undefined {
  const parts = word.toLowerCase().split(/[^a-z]+/u)
  const whole = parts.join('')
  const partsAreWords = parts.every((part) => part.length > 2 && isWord(part))
  return !partsAreWords && whole.length > 3 && !/^[a-z]+['’](?:s|t|d|m|ll|re|ve)$/iu.test(word) && isWord(whole)
    ? whole
    : undefined
}

/** "kiiiill": a letter three times or more is taken for one or two, as makes a word; else for two. */
function undrawn(word: string, isWord: IsWord): string {
  if (/^(.)\1*$/iu.test(word) || isWord(word.toLowerCase())) return word
  return undrawnWord(word.toLowerCase(), isWord) ?? word.replace(/([a-z])\1{2,}/giu, '$1$1')
}

function undrawnWord(word: string, isWord: IsWord): string | undefined {
  let candidates = ['']
  for (const run of word.match(/([a-z])\1*/gu) ?? []) {
    const letter = run[0] ?? ''
    const forms = run.length === 1 ? [letter] : [letter + letter, letter]
    candidates = candidates.flatMap((start) => forms.map((form) => start + form)).slice(0, 32)
  }
  return candidates.find((candidate) => candidate.length > 2 && isWord(candidate))
}
