import { ciphered, type Encoding, utf8 } from './encoding.ts'

/** Base64 (RFC 4648) of the UTF-8 bytes. Defined for every well-formed string. */
export const base64Encoding: Encoding = {
  label: 'Base64',
  encode: (text) => btoa(Array.from(utf8.encode(text), (byte) => String.fromCharCode(byte)).join('')),
  decode: (text) => utf8.decode(Uint8Array.from(atob(text), (character) => character.charCodeAt(0))),
  covers: (text) => text.isWellFormed(),
}

/** Base64 (Wei et al. 2023, "Jailbroken"; PyRIT's Base64Converter). */
export const base64 = ciphered('Base64', () => base64Encoding)
