import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The texts that some file below `directory` holds, byte for byte. */
export async function textsFoundIn(directory: string, texts: readonly string[]): Promise<string[]> {
  const found = new Set<string>()
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const bytes = await readFile(join(entry.parentPath, entry.name))
    for (const text of texts) if (bytes.includes(text)) found.add(text)
  }
  return [...found]
}
