import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Argument, Command, Option } from 'commander'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bashCompletion } from './bash.ts'
import { commandTree } from './command-tree.ts'
import { completionCommand } from './completion.ts'
import { fishCompletion } from './fish.ts'
import { zshCompletion } from './zsh.ts'

const program = new Command('assay').version('1').addCommand(completionCommand())
program
  .command('check')
  .description("Evaluate what's in it: all of it.")
  .argument('<file...>')
  .addOption(new Option('--format <format>', 'how to report').choices(['text', 'json', 'junit']))
  .option('-o, --output <file>', 'where to')
  .option('--show-text', 'show it')
  .option('--secret', 'hidden', false)
const jobs = program.command('jobs').description('Jobs')
jobs.command('list').option('--limit <n>', 'how many')
jobs.command('get').argument('<id>')
program.addCommand(new Command('internal'), { hidden: true })
program.command('shade').addArgument(new Argument('<colour>', 'which').choices(['dark', 'light']))
const tree = commandTree(program)

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-completion-'))
  await writeFile(join(folder, 'completion.bash'), bashCompletion('assay', tree))
  await writeFile(join(folder, 'completion.zsh'), zshCompletion('assay', tree))
  await writeFile(join(folder, 'completion.fish'), fishCompletion('assay', tree))
  await writeFile(join(folder, 'train one.jsonl'), '')
  await writeFile(join(folder, 'train-two.jsonl'), '')
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Whether the shell is there: bash is on every machine that runs our tests, the others where somebody installed them. */
function has(shell: string): boolean {
  try {
    execFileSync(shell, ['-c', 'true'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function answer(shell: string, script: string): string[] {
  const printed = execFileSync(shell, ['-c', script], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return printed.split('\n').filter((line) => line !== '')
}

/** What bash offers for the last of the words, as it calls a completion: words, index, function. */
function bash(...words: string[]): string[] {
  const quoted = words.map((word) => `'${word}'`).join(' ')
  return answer(
    'bash',
    `source completion.bash
     COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}
     name=$(complete -p assay | sed 's/.*-F \\([^ ]*\\) .*/\\1/'); "$name"
     printf '%s\\n' "\${COMPREPLY[@]}"`,
  )
}

describe('bash', () => {
  test.each<[string[], string[]]>([
    [
      ['assay', ''],
      ['completion', 'check', 'jobs', 'shade', 'help'],
    ],
    [['assay', 'ch'], ['check']],
    [
      ['assay', '-'],
      ['-V', '--version', '-h', '--help'],
    ],
    [
      ['assay', 'jobs', ''],
      ['list', 'get', 'help'],
    ],
    [['assay', 'jobs', 'l'], ['list']],
    [
      ['assay', 'jobs', 'list', '--'],
      ['--limit', '--help'],
    ],
    [['assay', 'jobs', 'list', '--limit', ''], []],
    [['assay', 'check', '--f'], ['--format']],
    [
      ['assay', 'check', '--format', ''],
      ['text', 'json', 'junit'],
    ],
    [
      ['assay', 'check', '--format', 'j'],
      ['json', 'junit'],
    ],
    [['assay', 'check', '--format', '=', 'te'], ['text']],
    [
      ['assay', 'check', '--format', '='],
      ['text', 'json', 'junit'],
    ],
    [
      ['assay', 'check', '--show-text', '--format', 'j'],
      ['json', 'junit'],
    ],
    [
      ['assay', 'check', 'tr'],
      ['train one.jsonl', 'train-two.jsonl'],
    ],
    [['assay', 'check', '-o', 'train-'], ['train-two.jsonl']],
    [['assay', 'check', 'x.jsonl', 'train-'], ['train-two.jsonl']],
    [['assay', 'jobs', 'get', 'tr'], []],
    [
      ['assay', 'shade', ''],
      ['dark', 'light'],
    ],
    [['assay', 'completion', 'z'], ['zsh']],
    [
      ['assay', 'nonsense', ''],
      ['completion', 'check', 'jobs', 'shade', 'help'],
    ],
  ])('%j completes to %j', (words, expected) => {
    expect(bash(...words).sort()).toEqual([...expected].sort())
  })

  test('offers by compgen -F what it is registered for', () => {
    expect(answer('bash', 'source completion.bash; complete -p assay')).toEqual(['complete -F _assay assay'])
  })
})

describe('zsh', () => {
  test.runIf(has('zsh'))('reads the script and registers it', () => {
    const script = 'autoload -U compinit && compinit -u -d zcompdump; source completion.zsh; print -r -- $_comps[assay]'
    expect(answer('zsh', script)).toEqual(['_assay'])
  })

  test('has every command, option and choice', () => {
    const text = zshCompletion('assay', tree)
    for (const word of ["'check:Evaluate what'\\''s in it'", "'--format:how to report'", "compadd -- 'dark' 'light'"]) {
      expect(text).toContain(word)
    }
  })
})

describe('fish', () => {
  test.runIf(has('fish'))('completes', () => {
    const offered = (line: string) =>
      answer('fish', `source completion.fish; complete -C '${line}'`).map((each) => each.split('\t')[0])
    expect(offered('assay jobs ').sort()).toEqual(['get', 'help', 'list'])
    expect(offered('assay check --format j').sort()).toEqual(['json', 'junit'])
    expect(offered('assay shade ').sort()).toEqual(['dark', 'light'])
  })

  test('has every command, option and choice', () => {
    const text = fishCompletion('assay', tree)
    for (const word of ["-a 'check' -d 'Evaluate what\\'s in it'", "-l format -r -f -a 'text json junit'"]) {
      expect(text).toContain(word)
    }
  })
})

test('what help hides is not completed', () => {
  expect(JSON.stringify(tree)).not.toContain('internal')
})
