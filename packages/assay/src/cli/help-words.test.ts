import { Command } from 'commander'
import { expect, test } from 'vitest'
import { unknownInHelp, withHelpLast } from './help-words.ts'

const program = new Command('assay')
const jobs = program.command('jobs')
jobs.command('create').argument('<file>')
program.command('chat').argument('<model>')

test('help of a command within a command is asked for as it is there', () => {
  expect(withHelpLast(['help', 'jobs', 'create'])).toEqual(['jobs', 'create', '--help'])
  expect(withHelpLast(['help'])).toEqual(['help'])
  expect(withHelpLast(['help', '--help'])).toEqual(['help', '--help'])
  expect(withHelpLast(['jobs', 'list'])).toEqual(['jobs', 'list'])
})

test('a word that is no command is told, where its help is asked for', () => {
  expect(unknownInHelp(program, ['nosuch', '--help'])).toBe('nosuch')
  expect(unknownInHelp(program, ['jobs', 'frob', '-h'])).toBe('frob')
  expect(unknownInHelp(program, ['jobs', 'create', '--help'])).toBeUndefined()
  expect(unknownInHelp(program, ['chat', 'my-model', '--help'])).toBeUndefined()
  expect(unknownInHelp(program, ['nosuch'])).toBeUndefined()
  expect(unknownInHelp(program, ['--help'])).toBeUndefined()
})
