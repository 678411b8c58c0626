import { type Encoding, respelt } from './encoding.ts'

const ESCAPE = '\u001b'
const BOLD = `${ESCAPE}[1m`
const RESET = `${ESCAPE}[0m`

/** Every word in terminal escape sequences (ECMA-48, SGR). Defined for every string without the escape character. */
export const ansiAttackEncoding: Encoding = {
  label: 'terminal escape sequences',
  encode: (text) =>
    text
      .split(' ')
      .map((word) => `${BOLD}${word}${RESET}`)
      .join(' '),
  decode: (text) => text.replaceAll(BOLD, '').replaceAll(RESET, ''),
  covers: (text) => !text.includes(ESCAPE),
}

/** Terminal escape sequences (Rehberger 2024, "Terminal DiLLMa"; Azure's AnsiAttack). */
export const ansiAttack = respelt('AnsiAttack', ansiAttackEncoding.encode)
