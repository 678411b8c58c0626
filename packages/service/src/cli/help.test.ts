import { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { addServiceCommands } from './index.ts'

const program = new Command('assay')
addServiceCommands(program)

function all(command: Command): Command[] {
  return command.commands.flatMap((child) => [child, ...all(child)])
}

function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name()
}

const commands = all(program).map((command) => [pathOf(command), command] as const)

describe.each(commands)('%s', (_, command) => {
  test('says in a sentence what it does, and what each argument and option means', () => {
    expect(command.description()).toMatch(/^[A-Z].*\.$/)
    for (const { description } of [...command.registeredArguments, ...command.options]) {
      expect(description.length).toBeGreaterThan(3)
    }
  })
})

test('what shows or lists something answers in JSON too', () => {
  const shows = commands.filter(([path]) => / (list|events|checkpoints|get|usage)$/.test(path))
  expect(shows.length).toBeGreaterThanOrEqual(8)
  for (const [, command] of shows) expect(command.options.map((option) => option.long)).toContain('--json')
})
