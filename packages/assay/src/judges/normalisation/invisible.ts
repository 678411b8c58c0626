// Characters that nobody sees, and marks stacked on letters.

/** Zero-width, directional, soft and filling characters. The joiners belong to other scripts and to emoji: see below. */
const INVISIBLE =
  /\u034f|[\u17b4\u17b5]|[\u180b-\u180e]|[\u00ad\u061c\u115f\u1160\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0]/gu
const JOINER_BY_LATIN =
  /(?<=[\p{Script=Latin}\p{ASCII}])(?:\u200c|\u200d|[\ufe00-\ufe0f]|[\u{e0100}-\u{e01ef}])+|(?<![\u200c\u200d])(?:\u200c|\u200d)+(?=[\p{Script=Latin}\d])/gu
/** Marks that are left on a Latin letter where Unicode has no single letter for it: stacked for show ("zalgo"). */
const STACKED = /(\p{Script=Latin})\p{Mn}+/gu
/** Tag characters spell hidden ASCII ("ASCII smuggling"). */
const TAGS = /[\u{e0020}-\u{e007e}]+/gu
const NOT_ASCII = /[^\n\r\t -~]/u

export function withoutInvisible(text: string): string {
  if (!NOT_ASCII.test(text)) return text
  return text
    .toWellFormed()
    .replace(TAGS, (hidden) =>
      Array.from(hidden, (tag) => String.fromCodePoint((tag.codePointAt(0) ?? 0) - 0xe0000)).join(''),
    )
    .replace(INVISIBLE, '')
    .replace(JOINER_BY_LATIN, '')
    .normalize('NFKC')
    .replace(STACKED, (_, letter: string) => withoutMarks(letter))
}

/** Letters without their accents. */
export function withoutMarks(text: string): string {
  return text.normalize('NFD').replace(/\p{Mn}+/gu, '')
}
