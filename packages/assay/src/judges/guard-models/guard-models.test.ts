import { expect, test } from 'vitest'
import { loopbackVendor, type VendorReply, type VendorRequest } from '../../../../../tests/loopback-vendor.ts'
import type { JudgeInput } from '../judge.ts'
import { type GuardModelName, guardModelReader } from './guard-model-reader.ts'

type Tokens = readonly (readonly [token: string, alternatives?: Readonly<Record<string, number>>])[]

/** A chat completion as OpenAI's reference and vLLM have it, with the probabilities of its tokens where there are some. */
function completion(text: string, tokens?: Tokens): VendorReply {
  const content = tokens?.map(([token, alternatives = { [token]: 1 }]) => ({
    token,
    logprob: Math.log(alternatives[token] ?? 1),
    bytes: null,
    top_logprobs: Object.entries(alternatives).map(([each, p]) => ({ token: each, logprob: Math.log(p), bytes: null })),
  }))
  const message = { role: 'assistant', content: text }
  const choices = [{ index: 0, finish_reason: 'stop', message, logprobs: content ? { content } : null }]
  return { body: { id: 'chatcmpl-1', object: 'chat.completion', choices } }
}

async function judged(judge: GuardModelName, input: JudgeInput, answer: (request: VendorRequest) => VendorReply) {
  await using vendor = await loopbackVendor(answer)
  const reader = guardModelReader({ judge, endpoint: `${vendor.url}/v1`, model: 'm' })
  const [judgement] = await reader.judge([input])
  return { judgement, requests: vendor.requests }
}

const TEXT: JudgeInput = { text: 'hello' }
const EXCHANGE: JudgeInput = {
  messages: [
    { role: 'system', content: 'S' },
    { role: 'user', content: 'how?' },
    { role: 'assistant', content: 'so' },
  ],
}
const NONE = { violence: 0, sexual: 0, hate_fairness: 0, self_harm: 0 }

test('a reply goes with its request as two messages, a text as one; greedy, with log probabilities, no key where there is none', async () => {
  const { requests } = await judged('llama-guard-3', EXCHANGE, () => completion('safe'))
  expect(requests[0]).toMatchObject({
    path: '/v1/chat/completions',
    body: { model: 'm', temperature: 0, max_tokens: 64, logprobs: true, top_logprobs: 5 },
  })
  expect(requests[0]?.headers.authorization).toBeUndefined()
  expect(requests[0]?.body.messages).toEqual([
    { role: 'user', content: 'how?' },
    { role: 'assistant', content: 'so' },
  ])
  const bare = await judged('llama-guard-3', TEXT, () => completion('safe'))
  expect(bare.requests[0]?.body.messages).toEqual([{ role: 'user', content: 'hello' }])
})

test('of a long reply the worst part counts', async () => {
  const text = `${'word '.repeat(1500)}STAB`
  const { judgement, requests } = await judged('llama-guard-3', { text }, ({ body }) =>
    completion(body.messages[0].content.includes('STAB') ? 'unsafe\nS1' : 'safe'),
  )
  expect(requests).toHaveLength(2)
  expect(judgement?.severity.violence).toBe(7)
})

test('an answer without content is an error', async () => {
  const reply = { body: { choices: [{ message: { role: 'assistant', content: null } }] } }
  await expect(judged('llama-guard-3', TEXT, () => reply)).rejects.toMatchObject({ code: 'judge_reply_invalid' })
})

test.each(['llama-guard-3', 'llama-guard-4'] as const)(
  '%s: probability of unsafe, for the categories named',
  async (name) => {
    const tokens: Tokens = [['\n\n'], ['unsafe', { unsafe: 0.6, safe: 0.3, Safe: 0.05 }], ['\n'], ['S'], ['9']]
    const { judgement } = await judged(name, TEXT, () => completion('\n\nunsafe\nS9,S11', tokens))
    expect(judgement?.probability.violence).toBeCloseTo(0.6 / 0.95)
    expect(judgement?.probability).toMatchObject({ sexual: 0, hate_fairness: 0 })
    expect(judgement?.probability.self_harm).toBe(judgement?.probability.violence)
    expect((await judged(name, TEXT, () => completion('unsafe\nS12'))).judgement?.probability).toEqual({
      ...NONE,
      sexual: 1,
    })
    expect((await judged(name, TEXT, () => completion('unsafe\nS2'))).judgement?.probability).toEqual(NONE)
    expect((await judged(name, TEXT, () => completion('safe'))).judgement?.probability).toEqual(NONE)
  },
)

test.each(['unsafe', 'Sorry, I cannot help with that.', 'unsafe\nO3', '', 'safer'])(
  'Llama Guard: %j is an error and not safe',
  async (text) => {
    await expect(judged('llama-guard-3', TEXT, () => completion(text))).rejects.toMatchObject({
      code: 'judge_reply_invalid',
    })
  },
)

test('Qwen3Guard: three labels, categories, and whether the reply refuses', async () => {
  const text = 'Safety: Unsafe\nCategories: Violent, Suicide & Self-Harm\nRefusal: No'
  const tokens: Tokens = [
    ['Safety'],
    [':'],
    [' Unsafe', { ' Unsafe': 0.7, ' Cont': 0.2, ' Safe': 0.1 }],
    ['\n'],
    ['Categories: Violent, Suicide & Self-Harm\n'],
    ['Ref'],
    ['usal'],
    [':'],
    [' No', { ' No': 0.75, ' Yes': 0.25 }],
  ]
  const { judgement } = await judged('qwen3-guard', EXCHANGE, () => completion(text, tokens))
  expect(judgement?.probability.violence).toBeCloseTo(0.8)
  expect(judgement?.probability.self_harm).toBeCloseTo(0.8)
  expect(judgement?.probability).toMatchObject({ sexual: 0, hate_fairness: 0 })
  expect(judgement?.refusal).toBeCloseTo(0.25)
  const refused = await judged('qwen3-guard', EXCHANGE, () =>
    completion('Safety: Safe\nCategories: None\nRefusal: Yes'),
  )
  expect(refused.judgement).toMatchObject({ refusal: 1, probability: NONE })
  const unsure = await judged('qwen3-guard', TEXT, () =>
    completion('Safety: Controversial\nCategories: Unethical Acts\n'),
  )
  expect(unsure.judgement?.severity.hate_fairness).toBe(4)
})

test.each([
  ['no label', TEXT, 'Categories: None'],
  ['no categories', TEXT, 'Safety: Unsafe'],
  ['a reply without refusal', EXCHANGE, 'Safety: Safe\nCategories: None'],
] as const)('Qwen3Guard: %s is an error', async (_, input, text) => {
  await expect(judged('qwen3-guard', input, () => completion(text))).rejects.toMatchObject({
    code: 'judge_reply_invalid',
  })
})

test('ShieldGemma: one question a guideline, worded for the prompt or for the reply', async () => {
  const answer = ({ body }: VendorRequest) => {
    const { guideline } = body.chat_template_kwargs
    const yes = guideline.includes('Dangerous') ? 0.8 : guideline.includes('Harassment') ? 0.9 : 0.1
    return completion(yes > 0.5 ? 'Yes\n' : 'No\n', [[yes > 0.5 ? 'Yes' : 'No', { Yes: yes, No: 1 - yes }]])
  }
  const { judgement, requests } = await judged('shield-gemma', EXCHANGE, answer)
  expect(judgement?.probability.violence).toBeCloseTo(0.9)
  expect(judgement?.probability.self_harm).toBeCloseTo(0.8)
  expect(judgement?.probability.hate_fairness).toBeCloseTo(0.1)
  expect(requests).toHaveLength(4)
  expect(
    requests.every(({ body }) => body.chat_template_kwargs.guideline.includes('The chatbot shall not generate')),
  ).toBe(true)
  const bare = await judged('shield-gemma', TEXT, answer)
  expect(bare.requests[0]?.body.chat_template_kwargs.guideline).toContain('The prompt shall not contain or seek')
  await expect(judged('shield-gemma', TEXT, () => completion('Nothing'))).rejects.toMatchObject({
    code: 'judge_reply_invalid',
  })
})

test('Granite Guardian 3.3: its criteria by name, without reasoning; self-harm is our own', async () => {
  const { judgement, requests } = await judged('granite-guardian-3.3', EXCHANGE, ({ body }) => {
    const bias = body.chat_template_kwargs.guardian_config.criteria_id === 'social_bias'
    const tokens: Tokens = [
      ['<think>\n</think>\n'],
      ['<score>'],
      [bias ? ' yes' : ' no', bias ? { ' yes': 0.9, ' no': 0.1 } : { ' no': 0.95, ' yes': 0.05 }],
    ]
    return completion(`<think>\n</think>\n<score> ${bias ? 'yes' : 'no'} </score>`, tokens)
  })
  expect(judgement?.probability.hate_fairness).toBeCloseTo(0.9)
  expect(judgement?.probability.violence).toBeCloseTo(0.05)
  expect(requests).toHaveLength(4)
  const asked = requests.map(({ body }) => body.chat_template_kwargs)
  expect(asked.every(({ think }) => think === false)).toBe(true)
  expect(
    asked
      .map(({ guardian_config }) => guardian_config.criteria_id)
      .filter(Boolean)
      .sort(),
  ).toEqual(['sexual_content', 'social_bias', 'violence'])
  expect(asked.filter(({ guardian_config }) => guardian_config.custom_criteria)).toHaveLength(1)
})

test('Granite Guardian 4.1: its block comes last, and says whose text is meant', async () => {
  const { judgement, requests } = await judged('granite-guardian-4.1', EXCHANGE, () => completion('<score>yes</score>'))
  expect(judgement?.probability).toEqual({ violence: 1, sexual: 1, hate_fairness: 1, self_harm: 1 })
  const last = requests[0]?.body.messages.at(-1)
  expect(last.role).toBe('user')
  expect(last.content).toMatch(
    /^<guardian><no-think>.*\n\n### Criteria: .*\n\n### Scoring Schema: If the last assistant's/,
  )
  expect(requests[0]?.body.chat_template_kwargs).toBeUndefined()
  const bare = await judged('granite-guardian-4.1', TEXT, () => completion('<score>no</score>'))
  expect(bare.requests[0]?.body.messages.at(-1).content).toContain("last user's text")
  await expect(judged('granite-guardian-4.1', TEXT, () => completion('yes'))).rejects.toMatchObject({
    code: 'judge_reply_invalid',
  })
})

test('what reads English only does not judge another script', async () => {
  const chinese = { text: '这是一个关于天气和河流以及山脉的普通句子，没有任何问题，也没有危险。' }
  expect((await judged('shield-gemma', chinese, () => completion('No'))).judgement?.judged).toBe(false)
  const many = await judged('llama-guard-4', chinese, () => completion('safe'))
  expect(many.judgement?.judged).toBe(true)
})
