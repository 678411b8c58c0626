import { Command } from 'commander'
import { expect, test } from 'vitest'
import { addServiceCommands } from './index.ts'

/** Wrong usage is told before any service is asked. */
async function codeOf(...words: string[]): Promise<string> {
  const program = new Command('assay').exitOverride()
  addServiceCommands(program)
  const quiet = (command: Command) => {
    command.exitOverride().configureOutput({ writeErr: () => {} })
    for (const each of command.commands) quiet(each as Command)
  }
  quiet(program)
  process.env.ASSAY_API_KEY ??= 'sk-assay-none'
  return program.parseAsync([...words, '--url', 'http://127.0.0.1:9'], { from: 'user' }).then(
    () => 'done',
    (error: { code: string }) => error.code,
  )
}

test.each([
  [['jobs', 'create', 'file-1', '--seed', 'x']],
  [['jobs', 'create', 'file-1', '--seed', '']],
  [['jobs', 'create', 'file-1', '--epochs', '1e1']],
  [['jobs', 'create', 'file-1', '--epochs', '51']],
  [['jobs', 'create', 'file-1', '--method', 'dpo', '--beta', 'x']],
  [['jobs', 'list', '--limit', '0']],
  [['chat', 'm', 'Hi', '--max-tokens', 'x']],
  [['chat', 'm', 'Hi', '--temperature', '-1']],
  [['models', 'list', '--url', 'nonsense']],
])('%j is wrong usage', async (words) => {
  expect(await codeOf(...words)).toBe('commander.invalidArgument')
})

test('what does not go together is not dropped', async () => {
  expect(await codeOf('jobs', 'create', 'file-1', '--watch', '--json')).toBe('commander.conflictingOption')
  expect(await codeOf('jobs', 'create', 'file-1', '--beta', '1')).toBe('option_of_dpo')
  expect(await codeOf('chat', 'm', ' ')).toBe('nothing_said')
})

test('what is right goes to the service', async () => {
  const right = ['jobs', 'create', 'file-1', '--method', 'dpo', '--beta', '.1', '--epochs', 'auto', '--seed', '7']
  expect(await codeOf(...right)).toBe('service_unreachable')
})
