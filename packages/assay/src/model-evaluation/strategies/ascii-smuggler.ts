import { ciphered, type Encoding } from './encoding.ts'

const TAGS = 0xe0000
const VISIBLE = /[ -~]/gu
const TAG = /[\u{E0020}-\u{E007E}]/gu
const moved = (character: string, by: number) => String.fromCodePoint((character.codePointAt(0) ?? 0) + by)

/** Printable ASCII as invisible tag characters of Unicode. Defined for every string that has no such tags already. */
export const asciiSmugglerEncoding: Encoding = {
  label: 'invisible Unicode tags',
  encode: (text) => text.replaceAll(VISIBLE, (character) => moved(character, TAGS)),
  decode: (text) => text.replaceAll(TAG, (character) => moved(character, -TAGS)),
  covers: (text) => text.search(TAG) === -1,
}

/** Text that no reader sees (Goodside 2024; PyRIT's AsciiSmugglerConverter). */
export const asciiSmuggler = ciphered('AsciiSmuggler', () => asciiSmugglerEncoding)
