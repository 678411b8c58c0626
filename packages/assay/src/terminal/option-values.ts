import { InvalidArgumentError } from 'commander'

/** Parses a whole number of an option, or the one word that may stand for it. */
export function whole<Word extends string = never>(least: number, most: number, word?: Word) {
  return within(/^\d+$/, 'a whole number', least, most, word)
}

/** Parses a number of an option, or the one word that may stand for it. */
export function decimal<Word extends string = never>(least: number, most: number, word?: Word) {
  return within(/^\d*\.?\d+$/, 'a number', least, most, word)
}

function within<Word extends string>(written: RegExp, kind: string, least: number, most: number, word?: Word) {
  return (text: string): number | Word => {
    if (text === word) return word
    const number = Number(text)
    if (written.test(text) && number >= least && number <= most) return number
    throw new InvalidArgumentError(`It is ${kind} from ${least} to ${most}${word ? `, or ${word}` : ''}.`)
  }
}

/** Takes an address of HTTP as it is. @param what it is, with an example, for who gave something else */
export function httpAddress(what: string) {
  return (text: string): string => {
    const { protocol } = URL.parse(text) ?? {}
    if (protocol === 'http:' || protocol === 'https:') return text
    throw new InvalidArgumentError(`It is ${what}.`)
  }
}
