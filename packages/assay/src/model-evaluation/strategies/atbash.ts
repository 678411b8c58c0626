import { ciphered, type Encoding, substituteLetters } from './encoding.ts'

const mirror = (text: string) => substituteLetters(text, (of) => 25 - of)

/** The alphabet from back to front; its own inverse. Defined for every string; only A–Z and a–z change. */
export const atbashEncoding: Encoding = {
  label: 'the Atbash cipher',
  encode: mirror,
  decode: mirror,
  covers: () => true,
}

/** Atbash (PyRIT's AtbashConverter; Yuan et al. 2023, CipherChat). */
export const atbash = ciphered('Atbash', () => atbashEncoding)
