import { ciphered, type Encoding, utf8 } from './encoding.ts'

/** The UTF-8 bytes as groups of eight binary digits. Defined for every well-formed string. */
export const binaryEncoding: Encoding = {
  label: 'binary',
  encode: (text) => Array.from(utf8.encode(text), (byte) => byte.toString(2).padStart(8, '0')).join(' '),
  decode: (text) => utf8.decode(Uint8Array.from(text.match(/[01]{8}/gu) ?? [], (bits) => Number.parseInt(bits, 2))),
  covers: (text) => text.isWellFormed(),
}

/** Binary (PyRIT's BinaryConverter). */
export const binary = ciphered('Binary', () => binaryEncoding)
