import { ciphered, type Encoding } from './encoding.ts'

const reverse = (text: string) => [...text].reverse().join('')

/** The code points from back to front; its own inverse. Defined for every well-formed string. */
export const flipEncoding: Encoding = {
  label: 'backwards spelling',
  encode: reverse,
  decode: reverse,
  covers: (text) => text.isWellFormed(),
}

/** The text from back to front (Liu et al. 2024, FlipAttack; PyRIT's FlipConverter). */
export const flip = ciphered('Flip', () => flipEncoding)
