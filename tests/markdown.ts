/** The documents of this checkout, and the code that stands in them. */
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Ran, ROOT, run } from './served.ts'

/** Where documents say that the service is. */
export const ADDRESS = 'http://127.0.0.1:8787'

export const readDocument = (name: string) => readFile(join(ROOT, name), 'utf8')

/** @param info what stands behind the three backticks: the language, and a name where one document has several */
export function codeBlocks(markdown: string, info: string): string[] {
  const found = markdown.matchAll(new RegExp(`^\`\`\`${info}\\n(.*?)^\`\`\``, 'gms'))
  return [...found].map((match) => match[1] ?? '')
}

export function codeBlock(markdown: string, info: string): string {
  const [block, ...more] = codeBlocks(markdown, info)
  if (block === undefined || more.length > 0)
    throw new Error(`There are ${more.length + (block ? 1 : 0)} blocks ${info}.`)
  return block
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
