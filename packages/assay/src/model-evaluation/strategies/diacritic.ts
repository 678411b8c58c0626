import { type Encoding, respelt } from './encoding.ts'

/** A combining acute accent on every vowel. Defined for every string. */
export const diacriticEncoding: Encoding = {
  label: 'accents on the vowels',
  encode: (text) => text.replaceAll(/[AEIOUaeiou]/gu, '$&\u0301'),
  decode: (text) => text.replaceAll(/([AEIOUaeiou])\u0301/gu, '$1'),
  covers: () => true,
}

/** PyRIT's DiacriticConverter. */
export const diacritic = respelt('Diacritic', diacriticEncoding.encode)
