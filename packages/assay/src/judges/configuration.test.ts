import { expect, test } from 'vitest'
import { judgeConfigurationSchema, readerOf } from './configuration.ts'
import { judgementOf } from './judgement-of.ts'

const AZURE = { judge: 'azure-content-safety', endpoint: 'https://r.example', apiKeyEnv: 'KEY' }
const LLAMA = { judge: 'llama-guard-4', endpoint: 'http://127.0.0.1:8000/v1', model: 'm' }

const read = (json: unknown, environment: Record<string, string> = { KEY: 'k' }) =>
  readerOf(judgeConfigurationSchema.parse(json), {
    environment,
    loadBuiltIn: async () => ({
      name: 'built-in',
      digest: '0',
      judge: async (inputs) =>
        inputs.map(() => judgementOf({ violence: 0, sexual: 0, hate_fairness: 0, self_harm: 0 })),
      close: async () => {},
    }),
  })

test.each([
  [AZURE, 'azure-content-safety'],
  [{ judge: 'openai-moderation', apiKeyEnv: 'KEY' }, 'openai-moderation'],
  [LLAMA, 'llama-guard-4'],
  [{ judge: 'any-of', of: [{ judge: 'built-in' }, AZURE] }, 'any-of(built-in,azure-content-safety)'],
  [
    {
      judge: 'weighted',
      of: [
        { judge: 'built-in', weight: 2 },
        { ...LLAMA, weight: 1 },
      ],
      calibration: 'c.json',
    },
    'weighted(2 built-in,1 llama-guard-4)',
  ],
])('%j', async (json, name) => {
  expect((await read(json)).name).toBe(name)
})

test.each([
  ['an unknown judge', { judge: 'perspective' }],
  ['no endpoint', { judge: 'azure-content-safety', apiKeyEnv: 'KEY' }],
  ['a key in the file', { ...AZURE, apiKeyEnv: 'sk-1234' }],
  ['a key in the file under its own name', { ...AZURE, apiKey: 'k' }],
  ['an address that is none', { ...AZURE, endpoint: 'file:///etc/passwd' }],
  ['one judge combined', { judge: 'any-of', of: [AZURE] }],
  [
    'a weight of 0',
    {
      judge: 'weighted',
      of: [
        { ...AZURE, weight: 0 },
        { ...LLAMA, weight: 1 },
      ],
    },
  ],
  ['a field too many', { ...LLAMA, temperature: 1 }],
])('%s is refused', (_, json) => {
  expect(judgeConfigurationSchema.safeParse(json).success).toBe(false)
})

test('a missing key is told by the name of its variable', async () => {
  await expect(read(AZURE, {})).rejects.toMatchObject({ code: 'judge_key_missing', status: 400, param: 'KEY' })
})
