/** The documents of this checkout, and the code that stands in them. */
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Ran, ROOT, run } from './served.ts'

/** Where documents say that the service is. */
export const ADDRESS = 'http://127.0.0.1:8787'

/** Every document of this checkout. */
export async function documents(): Promise<string[]> {
  const { stdout } = await run('git', ['ls-files', '*.md'])
  return stdout.trim().split('\n')
}

export const readDocument = (name: string) => readFile(join(ROOT, name), 'utf8')

/** Every block of code, with what stands behind its three backticks. */
export function allCodeBlocks(markdown: string): { info: string; block: string }[] {
  const found = markdown.matchAll(/^```([^\n]*)\n(.*?)^```$/gms)
  return [...found].map(([, info = '', block = '']) => ({ info, block }))
}

/** @param info what stands behind the three backticks: the language, and a name where one document has several */
export function codeBlocks(markdown: string, info: string): string[] {
  return allCodeBlocks(markdown).flatMap((each) => (each.info === info ? [each.block] : []))
}

export function codeBlock(markdown: string, info: string): string {
  const [block, ...more] = codeBlocks(markdown, info)
  if (block === undefined || more.length > 0)
    throw new Error(`There are ${more.length + (block ? 1 : 0)} blocks ${info}.`)
  return block
}

/** The first command within a line of text that begins so. */
export function inlineCommand(markdown: string, beginning: string): string {
  const spans = [...markdown.matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? '')
  const found = spans.find((span) => span.startsWith(beginning))
  if (!found) throw new Error(`There is no ${beginning} …`)
  return found
}

/** Runs a program of a document, as it stands there but for the address, with the packages of this checkout. */
export async function runBlock(
  program: string,
  block: string,
  {
    address,
    args = [],
    ...options
  }: { address: string; args?: readonly string[]; env?: NodeJS.ProcessEnv; cwd?: string },
): Promise<Ran> {
  const isPython = program.includes('python')
  const script = join(ROOT, '.assay', `document-${process.pid}.${isPython ? 'py' : 'mts'}`)
  await writeFile(script, block.replaceAll(ADDRESS, address))
  try {
    const flags = isPython ? [] : ['--conditions=assay-source', '--disable-warning=ExperimentalWarning']
    return await run(program, [...flags, script, ...args], options)
  } finally {
    await rm(script)
  }
}
