import { type Encoding, respelt } from './encoding.ts'

const words = (text: string, each: (word: string) => string) => text.split(' ').map(each).join(' ')

/** A hyphen between the characters of a word. Defined for every string. */
export const stringJoinEncoding: Encoding = {
  label: 'letters joined by hyphens',
  encode: (text) => words(text, (word) => [...word].join('-')),
  decode: (text) => words(text, (word) => [...word].filter((_, index) => index % 2 === 0).join('')),
  covers: () => true,
}

/** PyRIT's StringJoinConverter. */
export const stringJoin = respelt('StringJoin', stringJoinEncoding.encode)
