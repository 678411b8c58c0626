import { caesarEncoding } from './caesar.ts'
import { ciphered, type Encoding } from './encoding.ts'

/** Each letter 13 further in the alphabet; its own inverse. Defined for every string. */
export const rot13Encoding: Encoding = { ...caesarEncoding(13), label: 'ROT13' }

/** ROT13 (Wei et al. 2023; PyRIT's ROT13Converter). */
export const rot13 = ciphered('ROT13', () => rot13Encoding)
