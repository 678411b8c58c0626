import { type Encoding, inverse, respelt, substitute } from './encoding.ts'

/** Cyrillic letters that look like Latin ones (Unicode TR39). */
const CYRILLIC: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ...{ a: 'а', c: 'с', e: 'е', i: 'і', j: 'ј', o: 'о', p: 'р', s: 'ѕ', x: 'х', y: 'у' },
    ...{
      A: 'А',
      B: 'В',
      C: 'С',
      E: 'Е',
      H: 'Н',
      I: 'І',
      J: 'Ј',
      K: 'К',
      M: 'М',
      O: 'О',
      P: 'Р',
      S: 'Ѕ',
      T: 'Т',
      X: 'Х',
    },
  }),
)
const LATIN = inverse(CYRILLIC)

/** Cyrillic letters in place of Latin ones that look alike. Defined for every string without those Cyrillic letters. */
export const unicodeConfusableEncoding: Encoding = {
  label: 'look-alike letters',
  encode: (text) => substitute(text, CYRILLIC),
  decode: (text) => substitute(text, LATIN),
  covers: (text) => [...text].every((character) => !LATIN.has(character)),
}

/** Look-alike letters (PyRIT's UnicodeConfusableConverter; Boucher et al. 2022, "Bad characters"). */
export const unicodeConfusable = respelt('UnicodeConfusable', unicodeConfusableEncoding.encode)
