import { type Encoding, inverse, respelt, substitute } from './encoding.ts'

const DIGITS: ReadonlyMap<string, string> = new Map(Object.entries({ a: '4', e: '3', i: '1', o: '0', s: '5', t: '7' }))
const LETTERS = inverse(DIGITS)

/** Digits for six letters. Defined for strings with none of those digits, and none of those letters as capitals. */
export const leetspeakEncoding: Encoding = {
  label: 'leetspeak',
  encode: (text) => text.replaceAll(/[AEIOSTaeiost]/gu, (letter) => DIGITS.get(letter.toLowerCase()) ?? letter),
  decode: (text) => substitute(text, LETTERS),
  covers: (text) => !/[431057AEIOST]/u.test(text),
}

/** Leetspeak (Wei et al. 2023; PyRIT's LeetspeakConverter). */
export const leetspeak = respelt('Leetspeak', leetspeakEncoding.encode)
