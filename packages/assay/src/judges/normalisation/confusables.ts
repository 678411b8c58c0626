// Letters of other scripts, and ornamental ones, that look like Latin letters (Unicode TR39, by way of unhomoglyph).
import confusables from 'unhomoglyph/data.json' with { type: 'json' }
import { withoutMarks } from './invisible.ts'
import type { Vocabulary } from './normalise.ts'

const TABLE: Readonly<Record<string, string>> = confusables
const WORD = /[\p{L}\p{M}\p{N}\u{1f130}-\u{1f189}\u{1f1e6}-\u{1f1ff}]+/gu
/** Any but ASCII and the letters, accented ones among them, in which languages of the Latin script are written. */
const FOREIGN = /[^\p{ASCII}\u00c0-\u024f\u1e00-\u1eff]/u
/** Those that pass for words or endings of English, as in "it's"; Greek ones stand in formulas. */
const CYRILLIC_LETTER = /^[аАіІѕЅ]$/u
/** Rows of ornamental A–Z for which Unicode has no compatibility form: circled, squared and regional indicators. */
const ORNAMENTAL = [0x1f130, 0x1f150, 0x1f170, 0x1f1e6]
/** Small capitals and turned letters, which TR39 leaves out. */
const SMALL_CAPITALS: Readonly<Record<string, string>> = Object.fromEntries(
  Array.from('ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘǫʀꜱᴛᴜᴠᴡʏᴢɐɔǝɟɹʇʌʍʎ', (letter, index) => [
    letter,
    'abcdefghijklmnopqrstuvwyzacefrtvwy'[index] ?? '',
  ]),
)

export function withPlainLetters(text: string, vocabulary: Vocabulary): string {
  if (!FOREIGN.test(text)) return text
  // Words that mix scripts are meant as Latin.
  const all = text.match(WORD) ?? []
  const mostlyLatin = all.filter((word) => /[a-z]/iu.test(word)).join('').length * 2 > all.join('').length
  return text.replace(WORD, (word) => {
    if (!FOREIGN.test(word)) return word
    const plain = Array.from(word, plainLetter).join('')
    if (FOREIGN.test(plain)) return word
    // A word that mixes scripts is disguised. One wholly of another script is what it seems, unless it reads as an English word amid English.
    const disguised = /[a-z]/iu.test(word) || /[\u{1f130}-\u{1f189}\u{1f1e6}-\u{1f1ff}]{3}/u.test(word)
    const reads = vocabulary.has(plain.toLowerCase()) || CYRILLIC_LETTER.test(word)
    return disguised || ((mostlyLatin || isOrnamental(word)) && reads) ? plain : word
  })
}

/** Letters of the Latin script as letter forms that no language writes words in. */
function isOrnamental(word: string): boolean {
  return Array.from(word).every((letter) => letter in SMALL_CAPITALS || /[a-z]/iu.test(letter))
}

function plainLetter(letter: string): string {
  const code = letter.codePointAt(0) ?? 0
  if (!FOREIGN.test(letter)) return letter
  const start = ORNAMENTAL.find((first) => code >= first && code < first + 26)
  if (start !== undefined) return String.fromCharCode(97 + code - start)
  // The lower-case form first: TR39 takes a capital I for an l.
  const forms = [letter, TABLE[letter.toLowerCase()] ?? '', TABLE[letter] ?? '']
  const bare = forms.concat(forms.map((form) => SMALL_CAPITALS[form] ?? '')).map(withoutMarks)
  return bare.find((form) => /^[a-z]{1,2}$/iu.test(form)) ?? letter
}
