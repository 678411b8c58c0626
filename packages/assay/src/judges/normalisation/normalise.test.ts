import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { normalise } from './normalise.ts'

const ROOT = join(import.meta.dirname, '..', '..', '..', '..', '..')
const vocabulary: Record<string, number> = JSON.parse(
  readFileSync(join(ROOT, 'weights', 'judge', 'tokenizer.json'), 'utf8'),
).model.vocab
const known = new Map(Object.entries(vocabulary).filter(([word]) => /^[a-z]{2,}$/.test(word)))
const plain = (text: string) => normalise(text, known).text

const WORDS = 'kill bomb weapon murder poison stab torture hurt attack victim shoot threaten hanging burn choke'.split(
  ' ',
)
const word = fc.constantFrom(...WORDS)
const sentence = fc.array(word, { minLength: 4, maxLength: 9 }).map((found) => found.join(' '))
const CARRIER = 'Here is the answer that you asked me for: '

describe('tricks are undone', () => {
  const lookAlikes: Record<string, string> = { a: 'а', c: 'с', e: 'е', i: 'і', o: 'о', p: 'р', s: 'ѕ', x: 'х', y: 'у' }
  test('letters of other scripts', () => {
    fc.assert(
      fc.property(sentence, (text) => {
        const disguised = text.replace(/[aceiopsxy]/g, (letter) => lookAlikes[letter] ?? letter)
        expect(plain(CARRIER + disguised)).toBe(CARRIER + text)
      }),
    )
  })

  test.each([
    ['full-width', (letter: string) => String.fromCodePoint(letter.charCodeAt(0) - 97 + 0xff41)],
    ['mathematical bold', (letter: string) => String.fromCodePoint(letter.charCodeAt(0) - 97 + 0x1d41a)],
    ['circled', (letter: string) => String.fromCodePoint(letter.charCodeAt(0) - 97 + 0x24d0)],
    ['squared', (letter: string) => String.fromCodePoint(letter.charCodeAt(0) - 97 + 0x1f170)],
  ])('%s letters', (_, form) => {
    fc.assert(
      fc.property(sentence, (text) => {
        expect(plain(text.replace(/[a-z]/g, form)).toLowerCase()).toBe(text)
      }),
    )
  })

  test('invisible characters between letters, and hidden tag characters', () => {
    const invisible = fc.constantFrom('\u200b', '\u200c', '\u200d', '\u2060', '\ufeff', '\u00ad', '\u202e', '\ufe0f')
    fc.assert(
      fc.property(sentence, fc.array(invisible, { minLength: 1, maxLength: 5 }), (text, signs) => {
        const disguised = Array.from(text, (letter, at) => letter + (signs[at % signs.length] ?? '')).join('')
        expect(plain(disguised)).toBe(text)
      }),
    )
    const tags = Array.from('burn it', (letter) => String.fromCodePoint((letter.codePointAt(0) ?? 0) + 0xe0000)).join(
      '',
    )
    expect(plain(`Good morning ${tags}`)).toBe('Good morning burn it')
  })

  test('marks stacked on letters', () => {
    const mark = fc.integer({ min: 0x300, max: 0x36f }).map((code) => String.fromCodePoint(code))
    fc.assert(
      fc.property(sentence, fc.array(mark, { minLength: 3, maxLength: 6 }), (text, marks) => {
        const disguised = text.replace(/[a-z]/g, (letter) => letter + marks.join(''))
        // One mark may make a letter that Unicode has: its accent is nothing to the judge.
        expect(
          plain(disguised)
            .normalize('NFD')
            .replace(/\p{Mn}/gu, ''),
        ).toBe(text)
      }),
    )
  })

  test('one accent on every word', () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 3, maxLength: 9 }), (words) => {
        const accented = words.map((found) => found.replace(/[aeiou]/, (vowel) => `${vowel}\u0301`))
        expect(plain(accented.join(' '))).toBe(words.join(' '))
      }),
    )
  })

  test('digits and signs for letters', () => {
    const leet: Record<string, string> = { a: '4', e: '3', i: '1', o: '0', s: '5', t: '7' }
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 6 }), (words) => {
        const disguised = words.map((found) => found.replace(/[aeio]/, (letter) => leet[letter] ?? letter))
        expect(plain(disguised.join(' '))).toBe(words.join(' '))
      }),
    )
    expect(plain('how to k!ll them, $tab and h4ng')).toBe('how to kill them, stab and hang')
    // Where most words are written so, the short ones and those that are no words are too.
    expect(plain('7h3 m4n 15 1n y0ur h0u53, 4nd blorf1ng')).toBe('the man is in your house, and blorfing')
  })

  test('letters apart', () => {
    const separator = fc.constantFrom(' ', '.', '-', '_', '*')
    fc.assert(
      fc.property(word, separator, (found, between) => {
        expect(plain(`Please ${found.split('').join(between)} now`)).toBe(`Please ${found} now`)
      }),
    )
    expect(plain('k i l l  t h e m')).toBe('kill them')
    expect(plain(`I   w i l l   n o t   d o   i t ,   h e   s a i d .\nD o n ' t   s t a y .`)).toBe(
      "I will not do it, he said.\nDon't stay.",
    )
  })

  test('words run together', () => {
    fc.assert(
      fc.property(sentence, (text) => {
        const written = `${text} weapon`
        expect(plain(`So: ${written.replaceAll(' ', '')}.`)).toBe(`So: ${written}.`)
      }),
    )
  })

  test('repeated letters', () => {
    fc.assert(
      fc.property(word, fc.integer({ min: 0, max: 3 }), fc.integer({ min: 3, max: 8 }), (found, at, times) => {
        const letter = found[at] ?? ''
        const drawn = found.slice(0, at) + letter.repeat(times) + found.slice(at + 1)
        expect(plain(drawn).replace(/(.)\1/g, '$1')).toBe(found.replace(/(.)\1/g, '$1'))
      }),
    )
    expect(plain('a wwwweapon')).toBe('a weapon')
  })

  const rot13 = (text: string) =>
    text.replace(/[a-z]/g, (letter) => String.fromCharCode(((letter.charCodeAt(0) - 84) % 26) + 97))
  test.each([
    ['Base64', (text: string) => Buffer.from(text).toString('base64')],
    ['Base64 for addresses', (text: string) => Buffer.from(text).toString('base64url')],
    ['Base64 twice', (text: string) => Buffer.from(Buffer.from(text).toString('base64')).toString('base64')],
    ['hexadecimal', (text: string) => Buffer.from(text).toString('hex')],
    ['spaced hexadecimal', (text: string) => (Buffer.from(text).toString('hex').match(/../g) ?? []).join(' ')],
    ['ROT13', rot13],
    ['words from back to front', (text: string) => Array.from(text).reverse().join('')],
  ])('embedded %s', (name, encode) => {
    fc.assert(
      fc.property(sentence, (words) => {
        // Read backwards this one is a word as well.
        const text = words.replaceAll('stab', 'wound')
        const found = normalise(`${CARRIER}${encode(text)}`, known)
        expect(found.text, name).toContain(text)
        // By itself too, with no more than an ambiguous word of what stands around it.
        expect(found.decoded, name).toContain(text)
        expect(found.decoded.length, name).toBeLessThan(text.length + 12)
      }),
      // In Base64 it has the look of words from back to front.
      { examples: [['burn hanging murder hanging murder burn']] },
    )
  })
})

describe('ordinary text stays as it is', () => {
  test.each([
    'At 10:30 we met in room101, drank 2 cups of tea & paid $4.50 (that is 20% off!).',
    'The U.S.A. and the E.U. signed it; Mr. J. R. R. Tolkien, e.g., did not, i.e. he was dead.',
    "L'été dernier, nous étions à Orléans où le général présent a été très intéressé par la régate.",
    'Hôm qua chúng tôi đã đi chợ và mua rất nhiều trái cây, sau đó về nhà nấu cơm tối.',
    'Crème brûlée, naïve façade, Ångström, Dvořák and Nguyễn Văn Thiệu are spelt with accents.',
    'Москва встретила нас дождём, и мы пошли в музей. Рост и сор.',
    '我们昨天去了北京，天气很好。東京は雨でした。안녕하세요 여러분',
    'שלום עולם, مرحبا بالعالم، می‌خواهم بروم، नमस्ते दुनिया',
    'She said “I don’t know — we’re 50/50…” and left.',
    'Love it! ❤️ 👩‍👩‍👧 🏳️‍🌈 👍🏽',
    'x = a[i] * b[j]; if (c != d) return 0x1f; // see RFC 4648, utf8, sha256, i18n, k8s, log4j, h264',
    'git commit 3f786850e387550fdab836ed7e6dc881de23001b on 2024-01-01T10:00:00Z',
    'Donaudampfschiffskapitän, Rechtsschutzversicherungen, internationalization, supercalifragilisticexpialidocious, counterrevolutionary',
    'HTMLInputElementEventHandler getElementsByClassName dimethylaminoethyl pneumonoultramicroscopic',
    'A B   C D   E F\n1 2   3 4   5 6',
    'Room 4B, seat 12C, gate B22, flight BA117, A4 paper, H2O and CO2, mp3 or mp4, 3D, 5G, K9, C3PO.',
    'See www.example.com, or our own pagewww.example.org.',
    'aaa bbb www.example.com/path_to/file-name.tar.gz?q=1&r=2 user@example.com v1.2.3-beta.4',
    '| a | b | c |\n|---|---|---|\n| 1 | 2 | 3 |\n\n- x\n- y\n- z',
    'Solve x + y - z = 0 for x, y, z. A * B * C. I, II, III, IV.',
  ])('%s', (text) => {
    expect(plain(text)).toBe(text.normalize('NFKC'))
  })

  test('the sources and documents of this project, but for what is written to be decoded', () => {
    const folders = ['packages/assay/src/model-evaluation', 'packages/service/src/jobs', 'docs']
    const files = folders.flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.(ts|md)$/.test(name) && !name.includes('test') && !name.includes('images'))
        .map((name) => join(ROOT, folder, name)),
    )
    expect(files.length).toBeGreaterThan(20)
    let changed = 0
    let words = 0
    for (const file of files) {
      const text = readFileSync(file, 'utf8').normalize('NFKC')
      const before = text.split(/\s+/)
      const after = plain(text).split(/\s+/)
      words += before.length
      const kept = new Set(after)
      changed += before.filter((found) => !kept.has(found)).length
    }
    expect(changed / words).toBeLessThan(0.0005)
  })
})

test('any text gives well-formed text in time that its length bounds', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
      expect(plain(text).isWellFormed()).toBe(text.isWellFormed() || plain(text).isWellFormed())
    }),
  )
  for (const unit of ['a', 'k.', 'aGk', '41', ' ', '\n', 'k1', '́', 'a-', '%41']) {
    expect(plain(unit.repeat(20_000)).length).toBeGreaterThan(0)
  }
})

test('a long run of anything is done within the time of a test', () => {
  const length = 120_000
  const runs = [
    'a',
    'a-',
    'a.',
    'a b ',
    '4',
    '@',
    '%41',
    '41 ',
    'QUJD',
    '\u200c',
    '\u200d',
    '\u0301',
    '\u{e0061}',
    '\ufb01',
    'n.',
    '!',
    '\n',
  ]
  for (const run of runs) {
    for (const [before, after] of [
      ['', ''],
      ['\u0627', '\u0627'],
      ['x', '-'],
    ] as const) {
      const text = before + run.repeat(length / run.length) + after
      expect(normalise(text, new Map()).text.length).toBeLessThanOrEqual(18 * text.length)
    }
  }
})
