import { ciphered, type Encoding } from './encoding.ts'

const START = 0xe0000
const moved = (character: string, by: number) => String.fromCodePoint((character.codePointAt(0) ?? 0) + by)

/**
 * Characters below U+1000 moved by a fixed distance to where nothing is drawn. Defined for every string that has no
 * characters from U+E0000 to U+E0FFF already.
 */
export const unicodeSubstitutionEncoding: Encoding = {
  label: 'Unicode, each character moved up by 0xE0000',
  encode: (text) => text.replaceAll(/[^\u{1000}-\u{10FFFF}]/gu, (character) => moved(character, START)),
  decode: (text) => text.replaceAll(/[\u{E0000}-\u{E0FFF}]/gu, (character) => moved(character, -START)),
  covers: (text) => !/[\u{E0000}-\u{E0FFF}]/u.test(text),
}

/** PyRIT's UnicodeSubstitutionConverter. */
export const unicodeSubstitution = ciphered('UnicodeSubstitution', () => unicodeSubstitutionEncoding)
