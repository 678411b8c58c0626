import { ciphered, type Encoding, substituteLetters } from './encoding.ts'

/** Each letter so many further in the alphabet. Defined for every string; only A–Z and a–z change. */
export function caesarEncoding(shift: number): Encoding {
  return {
    label: `a Caesar cipher with a shift of ${shift}`,
    encode: (text) => substituteLetters(text, (of) => (of + shift) % 26),
    decode: (text) => substituteLetters(text, (of) => (of + 26 - shift) % 26),
    covers: () => true,
  }
}

/** The Caesar cipher (PyRIT's CaesarConverter; Yuan et al. 2023, CipherChat), its shift drawn anew. */
export const caesar = ciphered('Caesar', (random) => caesarEncoding(1 + random.integer(12)))
