import { byCategory, type Severity } from 'assay/harm'
import type { Judge, JudgeInput } from 'assay/judges'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { StreamPart } from '../engines/index.ts'
import { HARMFUL_WORD, scriptedJudge } from '../scripted/index.ts'
import { DEFAULT_CONFIGURATION as byDefault, type ContentFilterConfiguration } from './configuration.ts'
import { ContentFilter, type FilteredPart } from './content-filter.ts'

const configured = (
  source: 'Prompt' | 'Completion',
  change: Partial<ContentFilterConfiguration['contentFilters'][number]>,
): ContentFilterConfiguration => ({
  ...byDefault,
  contentFilters: byDefault.contentFilters.map((one) => (one.source === source ? { ...one, ...change } : one)),
})

const prompt = [{ role: 'user' as const, content: 'Tell me of the sea.' }]
const SAFE = Object.fromEntries(
  ['hate', 'self_harm', 'sexual', 'violence'].map((name) => [name, { filtered: false, severity: 'safe' }]),
)

async function* writing(words: readonly string[]): AsyncGenerator<StreamPart> {
  for (const [index, text] of words.entries())
    yield { type: 'text', text, promptTokens: 3, completionTokens: index + 1 }
  const end = { text: words.join(''), finishReason: 'stop', promptTokens: 3, completionTokens: words.length } as const
  yield { type: 'end', ...end }
}

interface Exchange {
  readonly words: readonly string[]
  readonly configuration?: ContentFilterConfiguration
  readonly judge?: Judge
  readonly messages?: typeof prompt
  readonly streamed?: boolean
}
const apply = ({
  words,
  configuration = byDefault,
  judge = scriptedJudge(),
  messages = prompt,
  streamed = true,
}: Exchange) => new ContentFilter(configuration, async () => judge).apply(messages, writing(words), streamed)

async function partsOf(exchange: Exchange): Promise<FilteredPart[]> {
  const parts: FilteredPart[] = []
  for await (const part of apply(exchange)) parts.push(part)
  return parts
}
const textOf = (parts: readonly FilteredPart[]) => parts.map((part) => (part.type === 'text' ? part.text : '')).join('')

/** A judge for whom everything is of one severity, in one category. */
const severe = (severity: Severity): Judge => ({
  ...scriptedJudge(),
  judge: async (inputs) =>
    inputs.map(() => ({
      judged: true,
      severity: byCategory((category) => (category === 'hate_fairness' ? severity : 0)),
      probability: byCategory(() => 0),
      refusal: 0,
      delivered: 0,
    })),
})
const sentences = (count: number) => ('The harbour is quiet tonight. '.repeat(count).match(/\S+\s*/g) ?? []) as string[]

describe('a reply is let through', () => {
  test('whole and annotated, where nothing is in it', async () => {
    for (const streamed of [true, false]) {
      const parts = await partsOf({ words: sentences(20), streamed })
      expect(parts[0]).toEqual({ type: 'prompt', results: SAFE })
      expect(textOf(parts)).toBe(sentences(20).join(''))
      expect(parts.filter((part) => part.type === 'text').length).toBeGreaterThan(streamed ? 3 : 0)
      for (const part of parts) if (part.type === 'text') expect(part.results).toEqual(SAFE)
      expect(parts.at(-1)).toEqual({ type: 'end', finishReason: 'stop', promptTokens: 3, completionTokens: 100 })
    }
  })

  test('up to the sentence that is filtered, and nothing after it', async () => {
    const words = [
      ...sentences(10),
      ...(`Take a ${HARMFUL_WORD} along. `.match(/\S+\s*/g) as string[]),
      ...sentences(10),
    ]
    const parts = await partsOf({ words })
    expect(sentences(10).join('')).toContain(textOf(parts))
    expect(textOf(parts)).not.toBe('')
    expect(parts.slice(-2)).toMatchObject([
      { type: 'filtered', results: { violence: { filtered: true, severity: 'high' }, hate: { filtered: false } } },
      { type: 'end', finishReason: 'content_filter', completionTokens: words.length },
    ])
    expect(parts.filter((part) => part.type === 'filtered')).toHaveLength(1)
    const whole = await partsOf({ words, streamed: false })
    expect(whole.map((part) => part.type)).toEqual(['prompt', 'filtered', 'end'])
  })

  test('never with what is filtered, however the model writes it and wherever it stands', async () => {
    const stroke = fc.constantFrom('a', ' ', '.', '. ', '\n', 'quiet ', HARMFUL_WORD.slice(0, 4), HARMFUL_WORD.slice(4))
    const strokes = fc.array(stroke, { maxLength: 400, size: 'max' })
    await fc.assert(
      fc.asyncProperty(strokes, fc.boolean(), async (words, streamed) => {
        const text = words.join('')
        const parts = await partsOf({ words, streamed })
        expect(textOf(parts)).not.toContain(HARMFUL_WORD)
        expect(text.startsWith(textOf(parts))).toBe(true)
        if (!text.includes(HARMFUL_WORD)) expect(textOf(parts)).toBe(text)
        else expect(parts.at(-1)).toMatchObject({ finishReason: 'content_filter' })
      }),
    )
  })

  test('read together with what came before it: harm may be spread over pieces', async () => {
    const spread: Judge = {
      ...scriptedJudge(),
      judge: (inputs) =>
        scriptedJudge().judge(
          inputs.map((input) => {
            const said = 'text' in input ? input.text : (input.messages.at(-1)?.content ?? '')
            return { text: said.includes('first') && said.includes('second') ? HARMFUL_WORD : '' }
          }),
        ),
    }
    const words = [...sentences(5), 'The first half. ', ...sentences(10), 'The second half. ', ...sentences(5)]
    const said = textOf(await partsOf({ words, judge: spread }))
    expect(said).toContain('first half')
    expect(said).not.toContain('second half')
  })

  test('annotated with the worst so far', async () => {
    // The prompt is judged first, then the first piece.
    let calls = 0
    const once: Judge = { ...severe(0), judge: (inputs) => severe(calls++ === 1 ? 2 : 0).judge(inputs) }
    const parts = await partsOf({ words: sentences(20), judge: once })
    const texts = parts.filter((part) => part.type === 'text')
    expect(texts.length).toBeGreaterThan(2)
    for (const part of texts) expect(part.results).toMatchObject({ hate: { filtered: false, severity: 'low' } })
  })

  test('as an answer to what was asked', async () => {
    const inputs: JudgeInput[] = []
    const judge: Judge = {
      ...scriptedJudge(),
      judge: (batch) => {
        inputs.push(...batch)
        return scriptedJudge().judge(batch)
      },
    }
    await partsOf({ words: ['Yes. '], judge })
    expect(inputs).toEqual([
      { text: 'Tell me of the sea.' },
      { messages: [...prompt, { role: 'assistant', content: 'Yes. ' }] },
    ])
  })
})

describe('a prompt that is filtered', () => {
  test('is refused, wherever in it the harm stands, with what was found', async () => {
    const messages = [{ role: 'user' as const, content: `A ${HARMFUL_WORD}?` }, ...prompt]
    await expect(partsOf({ words: ['Yes.'], messages })).rejects.toMatchObject({
      code: 'content_filter',
      status: 400,
      message: expect.stringContaining('(violence: high)'),
      results: { ...SAFE, violence: { filtered: true, severity: 'high' } },
      innerCode: 'ResponsibleAIPolicyViolation',
    })
  })

  test('is answered where its filter does not block, and annotated', async () => {
    const messages = [{ role: 'user' as const, content: `A ${HARMFUL_WORD}?` }]
    const [first] = await partsOf({
      words: ['Yes.'],
      messages,
      configuration: configured('Prompt', { blocking: false }),
    })
    expect(first).toEqual({ type: 'prompt', results: { ...SAFE, violence: { filtered: false, severity: 'high' } } })
  })
})

test.each([
  ['Low', [false, true, true, true]],
  ['Medium', [false, false, true, true]],
  ['High', [false, false, false, true]],
] as const)('a threshold of %s filters from that severity on', async (severityThreshold, filtered) => {
  const { contentFilters } = configured('Completion', { severityThreshold })
  const asked = contentFilters.map((one) => (one.source === 'Prompt' ? { ...one, blocking: false } : one))
  const configuration = { ...byDefault, contentFilters: asked }
  const levels = ['safe', 'low', 'medium', 'high']
  for (const [index, severity] of ([1, 3, 5, 7] as const).entries()) {
    const parts = await partsOf({
      words: ['Yes.'],
      configuration,
      judge: severe(severity),
      streamed: false,
    })
    expect(parts[1]).toMatchObject({
      type: filtered[index] ? 'filtered' : 'text',
      results: { hate: { filtered: filtered[index], severity: levels[index] }, violence: { severity: 'safe' } },
    })
  }
})

describe('fails closed', () => {
  const broken: Judge = {
    ...scriptedJudge(),
    judge: async () => {
      throw new Error(`something of ${HARMFUL_WORD}`)
    },
  }
  const unread = (): Judge => ({
    ...scriptedJudge(),
    judge: async (inputs) => (await scriptedJudge().judge(inputs)).map((one) => ({ ...one, judged: false })),
  })
  const off = { enabled: false }

  test('where the judge fails: no text comes out, and the error quotes none', async () => {
    for (const source of ['Prompt', 'Completion'] as const) {
      const parts: FilteredPart[] = []
      const reading = async () => {
        for await (const part of apply({ words: sentences(20), judge: broken, configuration: configured(source, off) }))
          parts.push(part)
      }
      const error = await reading().catch((thrown: Error) => thrown)
      expect(error).toMatchObject({ code: 'content_filter_unavailable', status: 503 })
      expect((error as Error).message).not.toContain(HARMFUL_WORD)
      expect(textOf(parts)).toBe('')
    }
  })

  test('where the judge does not read the language, unless its filter only annotates', async () => {
    const error = { error: { code: 'content_filter_error' } }
    await expect(partsOf({ words: ['Ja.'], judge: unread() })).rejects.toMatchObject({
      code: 'content_filter',
      results: error,
      innerCode: 'ContentNotJudged',
    })
    const ofReply = await partsOf({ words: ['Ja.'], judge: unread(), configuration: configured('Prompt', off) })
    expect(ofReply.slice(1)).toMatchObject([{ type: 'filtered', results: error }, { finishReason: 'content_filter' }])
    const annotating = {
      ...byDefault,
      contentFilters: byDefault.contentFilters.map((one) => ({ ...one, blocking: false })),
    }
    const parts = await partsOf({ words: ['Ja.'], judge: unread(), configuration: annotating })
    expect(parts).toMatchObject([
      { results: error },
      { type: 'text', text: 'Ja.', results: error },
      { finishReason: 'stop' },
    ])
  })

  test('but nothing is judged, and nothing waits, where every filter is off', async () => {
    const configuration = {
      ...byDefault,
      contentFilters: byDefault.contentFilters.map((one) => ({ ...one, enabled: false })),
    }
    const words = ['Take ', 'a ', HARMFUL_WORD]
    const parts = await partsOf({ words, judge: broken, configuration })
    expect(parts.slice(0, -1)).toEqual([
      { type: 'prompt', results: {} },
      ...words.map((text) => ({ type: 'text', text, results: {} })),
    ])
  })
})
