import { ciphered, type Encoding } from './encoding.ts'

/** Percent-encoding (RFC 3986). Defined for every well-formed string. */
export const urlEncoding: Encoding = {
  label: 'URL encoding',
  encode: (text) => encodeURIComponent(text.toWellFormed()),
  decode: decodeURIComponent,
  covers: (text) => text.isWellFormed(),
}

/** PyRIT's UrlConverter. */
export const url = ciphered('Url', () => urlEncoding)
