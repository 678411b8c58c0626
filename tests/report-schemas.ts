/** The published schemas that reports have to keep: what is wrong with a report, by each; nothing where it is valid. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import AjvDraft04 from 'ajv-draft-04'
import addFormats from 'ajv-formats'
import { validateXML } from 'xmllint-wasm'

const ROOT = join(import.meta.dirname, '..')
const require = createRequire(import.meta.url)
const read = (path: string) => readFile(path, 'utf8')

/** SARIF 2.1.0 as OASIS has it, with the errata (rtm.5); Microsoft's SARIF SDK for JavaScript ships it (MIT). */
export async function faultsOfSarif(text: string): Promise<readonly unknown[]> {
  const schema = JSON.parse(await read(require.resolve('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json')))
  // Its pattern of languages is no regular expression in Unicode mode.
  const ajv = new AjvDraft04.default({ allErrors: true, strict: false, unicodeRegExp: false })
  addFormats.default(ajv)
  return ajv.validate(schema, JSON.parse(text)) ? [] : (ajv.errors ?? [])
}

/** The schema of Apache Ant's JUnit reports (Windy Road, Apache-2.0), the strictest there is; by libxml2 in WebAssembly. */
export async function faultsOfJunit(text: string): Promise<readonly unknown[]> {
  const schema = await read(require.resolve('jest-junit-reporter/src/__tests__/fixtures/junit.xsd'))
  const { errors } = await validateXML({ xml: [{ fileName: 'report.xml', contents: text }], schema: [schema] })
  return errors
}

/** Our own of docs/schemas/, as outside programs would read it. */
export async function faultsOfJson(text: string, name = 'check-report'): Promise<readonly unknown[]> {
  const schema = JSON.parse(await read(join(ROOT, 'docs', 'schemas', `${name}.schema.json`)))
  const ajv = new Ajv2020({ allErrors: true })
  addFormats.default(ajv)
  return ajv.validate(schema, JSON.parse(text)) ? [] : (ajv.errors ?? [])
}
