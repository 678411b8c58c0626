import { InvalidArgumentError } from 'commander'

/** Parses a whole number of an option. */
export function whole(least: number, most: number) {
  return (text: string): number => {
    const number = Number(text)
    if (/^\d+$/.test(text) && number >= least && number <= most) return number
    throw new InvalidArgumentError(`It is a whole number from ${least} to ${most}.`)
  }
}

/** Parses a number of an option. */
export function decimal(least: number, most: number) {
  return (text: string): number => {
    const number = Number(text)
    if (/^\d*\.?\d+$/.test(text) && number >= least && number <= most) return number
    throw new InvalidArgumentError(`It is a number from ${least} to ${most}.`)
  }
}

/** The same, or the word `auto`: what is chosen for the file. */
export function orAuto(parse: (text: string) => number) {
  return (text: string): number | 'auto' => {
    if (text === 'auto') return text
    try {
      return parse(text)
    } catch (error) {
      if (error instanceof InvalidArgumentError)
        throw new InvalidArgumentError(`${error.message.slice(0, -1)}, or auto.`)
      throw error
    }
  }
}
