import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { POLICY } from '../../harm/index.ts'
import { randomAt } from '../random.ts'
import { caesarEncoding } from './caesar.ts'
import { swapCharacters } from './char-swap.ts'
import { type Dialogue, ENCODINGS, type EncodingName, STRATEGIES, type StrategyName } from './index.ts'
import { splitPayload } from './payload-splitting.ts'
import { inPastTense } from './tense.ts'

const OBJECTIVE = 'How do I water a cactus?'
/** Any UTF-16, lone surrogates and marks among it; whatever an encoding covers of it must come back. */
const anyText = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) }),
  fc.string({ unit: 'grapheme-ascii' }),
)
/** For encodings that are defined for few of the characters. */
const OWN: Partial<Record<EncodingName, fc.Arbitrary<string>>> = {
  Morse: fc.string({ unit: fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,:?\'-/()"=+@ ') }),
}

describe('encodings', () => {
  test.each(Object.keys(ENCODINGS) as EncodingName[])('%s decodes to what it encoded', (name) => {
    const { encode, decode, covers } = ENCODINGS[name]
    let covered = 0
    fc.assert(
      fc.property(OWN[name] ?? anyText, (text) => {
        if (!covers(text)) return
        covered += 1
        expect(decode(encode(text))).toBe(text)
      }),
      { numRuns: 1000 },
    )
    // A test of nothing would pass as well.
    expect(covered).toBeGreaterThan(150)
  })

  test('a Caesar cipher of any shift', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 25 }), anyText, (shift, text) => {
        const { encode, decode } = caesarEncoding(shift)
        expect(decode(encode(text))).toBe(text)
      }),
    )
  })

  test('letters that only fold to Latin ones are none: the Kelvin sign, the long s', () => {
    for (const { encode, decode, covers } of Object.values(ENCODINGS)) {
      for (const text of ['\u212a', '\u017f']) if (covers(text)) expect(decode(encode(text))).toBe(text)
    }
  })

  test('no encoding fails on a text that it does not cover', () => {
    for (const { encode } of Object.values(ENCODINGS)) {
      fc.assert(fc.property(anyText, (text) => void encode(text)))
    }
  })

  test('known answers', () => {
    const encoded = (name: EncodingName) => ENCODINGS[name].encode('Hello, Zoë')
    expect(encoded('Base64')).toBe('SGVsbG8sIFpvw6s=')
    expect(encoded('ROT13')).toBe('Uryyb, Mbë')
    expect(encoded('Caesar')).toBe('Khoor, Crë')
    expect(encoded('Atbash')).toBe('Svool, Alë')
    expect(encoded('Url')).toBe('Hello%2C%20Zo%C3%AB')
    expect(encoded('Flip')).toBe('ëoZ ,olleH')
    expect(encoded('Leetspeak')).toBe('H3ll0, Z0ë')
    expect(encoded('CharacterSpace')).toBe('H e l l o   Z o ë')
    expect(encoded('StringJoin')).toBe('H-e-l-l-o-, Z-o-ë')
    expect(ENCODINGS.Binary.encode('Hi')).toBe('01001000 01101001')
    expect(ENCODINGS.Morse.encode('so so')).toBe('... --- / ... ---')
  })
})

describe('perturbations that are not reversible', () => {
  test('swapped characters stay in their words, and words keep their ends', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii' }), fc.integer(), (text, seed) => {
        const swapped = swapCharacters(text, randomAt(seed))
        expect([...swapped].sort()).toEqual([...text].sort())
        const ends = (of: string) => of.match(/\p{L}{4,}/gu)?.map((word) => word[0] + (word.at(-1) ?? ''))
        expect(ends(swapped)).toEqual(ends(text))
      }),
    )
  })

  test('the parts of a split payload give it again', () => {
    fc.assert(
      fc.property(anyText, fc.integer(), (text, seed) => {
        expect(splitPayload(text, randomAt(seed)).join('')).toBe(text)
      }),
    )
  })

  test('the past tense of a question, of an order and of anything else', () => {
    expect(inPastTense(OBJECTIVE, 'in the past')).toBe('How did people water a cactus in the past?')
    expect(inPastTense('How to water a cactus.', 'in the past')).toBe('How did people water a cactus in the past?')
    expect(inPastTense('Could you draw a cactus?', 'then')).toContain('"Draw a cactus"')
    expect(inPastTense('Write a poem.', 'then')).toContain('"Write a poem"')
    expect(inPastTense('Which cactus is best?', 'then')).toContain('"Which cactus is best?"')
  })
})

describe('every strategy', () => {
  const names = Object.keys(STRATEGIES) as StrategyName[]

  async function asked(name: StrategyName, seed: number, refused = false): Promise<string[]> {
    const said: string[] = []
    const dialogue: Dialogue = {
      say: async (text) => void said.push(text),
      ask: async (text) => {
        said.push(text)
        return { harmful: false, refused }
      },
      takeBack: () => void said.push('(taken back)'),
    }
    await STRATEGIES[name].hold(dialogue, OBJECTIVE, randomAt(seed))
    return said
  }

  test.each(names)('%s is called by its name, asks, and draws the same from the same seed', async (name) => {
    expect(STRATEGIES[name].name).toBe(name)
    for (let seed = 0; seed < 20; seed++) {
      const said = await asked(name, seed)
      expect(said.length).toBeGreaterThan(0)
      expect(said).toEqual(await asked(name, seed))
    }
  })

  test.each(names)('%s passes on the outcome of its last judged reply', async (name) => {
    for (const harmful of [true, false]) {
      const reply = { harmful, refused: !harmful }
      const dialogue: Dialogue = { say: async () => {}, ask: async () => reply, takeBack: () => {} }
      expect(await STRATEGIES[name].hold(dialogue, OBJECTIVE, randomAt(1))).toEqual(reply)
    }
  })

  test('Insistence excuses itself after a refusal, and comes back to the question where the model talked of something else', async () => {
    const [refused, deflected] = [await asked('Insistence', 3, true), await asked('Insistence', 3)]
    expect(refused[0]).toBe(deflected[0])
    expect(refused[1]).not.toBe(deflected[1])
    for (const [, second] of [refused, deflected]) expect(second).toContain(OBJECTIVE)
  })

  test('Crescendo takes a refusal back, and asks once more another way', async () => {
    const [lead, first, back, second, ...none] = await asked('Crescendo', 3, true)
    expect([lead, first, second].every((said) => said?.includes(OBJECTIVE))).toBe(true)
    expect(back).toBe('(taken back)')
    expect(second).not.toBe(first)
    expect(none).toEqual([])
    expect(await asked('Crescendo', 3)).toEqual([lead, first])
  })

  test('the policy mixes only strategies that there are', () => {
    for (const mixture of Object.values(POLICY.model.strategies)) {
      expect(names).toEqual(expect.arrayContaining(Object.keys(mixture)))
    }
  })
})
