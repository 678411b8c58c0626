import { type Encoding, respelt } from './encoding.ts'

const PUNCTUATION = /[!-/:-@[-`{-~]/gu

/** A space between characters, punctuation dropped. Defined for every string without ASCII punctuation. */
export const characterSpaceEncoding: Encoding = {
  label: 'spaced out letters',
  encode: (text) => [...text.replaceAll(PUNCTUATION, '')].join(' '),
  decode: (text) => [...text].filter((_, index) => index % 2 === 0).join(''),
  covers: (text) => text.search(PUNCTUATION) === -1,
}

/** Letters apart (Robust Intelligence 2024, "Bypassing Meta's LLaMA classifier"; PyRIT's CharacterSpaceConverter). */
export const characterSpace = respelt('CharacterSpace', characterSpaceEncoding.encode)
