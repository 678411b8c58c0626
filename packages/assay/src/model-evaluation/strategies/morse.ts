import { ciphered, type Encoding, inverse } from './encoding.ts'

/** ITU-R M.1677-1. */
const CODE: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ...{ A: '.-', B: '-...', C: '-.-.', D: '-..', E: '.', F: '..-.', G: '--.', H: '....', I: '..', J: '.---' },
    ...{ K: '-.-', L: '.-..', M: '--', N: '-.', O: '---', P: '.--.', Q: '--.-', R: '.-.', S: '...', T: '-' },
    ...{ U: '..-', V: '...-', W: '.--', X: '-..-', Y: '-.--', Z: '--..' },
    ...{ 0: '-----', 1: '.----', 2: '..---', 3: '...--', 4: '....-', 5: '.....' },
    ...{ 6: '-....', 7: '--...', 8: '---..', 9: '----.' },
    ...{ '.': '.-.-.-', ',': '--..--', ':': '---...', '?': '..--..', "'": '.----.', '-': '-....-', '/': '-..-.' },
    ...{ '(': '-.--.', ')': '-.--.-', '"': '.-..-.', '=': '-...-', '+': '.-.-.', '@': '.--.-.' },
  }),
)
const LETTER = inverse(CODE)

/** Defined for capital letters A–Z, digits, the punctuation of the standard and the space; small letters lose their case. */
export const morseEncoding: Encoding = {
  label: 'Morse code',
  encode: (text) =>
    text
      .toUpperCase()
      .split(' ')
      .map((word) => [...word].map((letter) => CODE.get(letter) ?? letter).join(' '))
      .join(' / '),
  decode: (text) =>
    text
      .split(' / ')
      .map((word) =>
        word
          .split(' ')
          .map((code) => LETTER.get(code) ?? code)
          .join(''),
      )
      .join(' '),
  covers: (text) => [...text].every((letter) => letter === ' ' || CODE.has(letter)),
}

/** Morse code (PyRIT's MorseConverter; Yuan et al. 2023, CipherChat). */
export const morse = ciphered('Morse', () => morseEncoding)
