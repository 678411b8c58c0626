import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Service, startService } from '../cli/index.ts'
import { scriptedEngine, scriptedJudge } from '../scripted/index.ts'

interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly security: readonly object[]
  readonly parameters?: readonly { readonly name: string; readonly required?: boolean }[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: object }>> }
  readonly responses: Readonly<Record<string, { readonly content?: object }>>
}

let service: Service
let paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
let operations: (readonly [name: string, operation: Operation])[]
beforeAll(async () => {
  service = await startService({
    engine: scriptedEngine(),
    judge: async () => scriptedJudge(),
    operatorKey: 'o'.repeat(32),
  })
  const document = (await (await fetch(`${service.url}/openapi.json`)).json()) as { paths: typeof paths }
  paths = document.paths
  operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => [`${method} ${path}`, operation] as const),
  )
}, 60_000)
afterAll(() => service.close())

describe('the OpenAPI document', () => {
  test('names each operation once, in words and for generators', () => {
    const ids = operations.map(([, { operationId }]) => operationId)
    expect(new Set(ids).size).toBe(ids.length)
    for (const [name, { summary, operationId }] of operations) {
      expect(summary, name).toMatch(/^[A-Z][a-z]+ /)
      expect(operationId, name).toMatch(/^[a-z]+(_\w+)+$/)
    }
  })

  test('says which key opens it, and in which shape an error comes', () => {
    for (const [name, { security, responses }] of operations) {
      const isOpen = name.endsWith('z')
      const keys = name.includes('/assay/v1/resources') ? [{ operator: [] }] : [{ bearer: [] }, { apiKey: [] }]
      expect(security, name).toEqual(isOpen ? [] : keys)
      expect(JSON.stringify(responses.default?.content ?? ''), name).toContain(isOpen ? '""' : '"error"')
    }
  })

  test('takes files, and the versions of Azure', () => {
    for (const path of ['/v1/files', '/openai/files', '/v1/uploads/{id}/parts', '/assay/v1/imports']) {
      const content = paths[path]?.post?.requestBody?.content ?? {}
      expect(JSON.stringify(content['multipart/form-data']?.schema), path).toContain('binary')
    }
    for (const [name, { parameters = [] }] of operations) {
      const isDated = / \/(openai\/(?!v1\/)|subscriptions\/)/.test(name)
      expect(
        parameters.some((each) => each.name === 'api-version' && each.required),
        name,
      ).toBe(isDated)
    }
  })

  test('has a schema of every answer that is JSON', () => {
    const unknown = operations.flatMap(([name, { responses }]) => {
      const { default: _, ...answers } = responses
      return Object.values(answers).some(({ content }) => content !== undefined) ? [] : [name]
    })
    const others = ['/content', '/journey/stream']
    expect(unknown.filter((name) => !others.some((end) => name.endsWith(end)))).toEqual([
      'delete /openai/fine_tuning/jobs/{id}',
    ])
  })

  test('has the statuses that Azure answers with', () => {
    const account =
      '/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.CognitiveServices/accounts/{account}'
    const statuses = (path: string, method: string) => Object.keys(paths[path]?.[method]?.responses ?? {})
    expect(statuses(`${account}/deployments/{deployment}`, 'put')).toEqual(['200', '201', 'default'])
    expect(statuses(`${account}/raiPolicies/{name}`, 'delete')).toEqual(['200', '204', 'default'])
    expect(statuses('/openai/fine_tuning/jobs/{id}', 'delete')).toEqual(['204', 'default'])
  })
})
