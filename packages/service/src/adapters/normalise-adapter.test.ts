import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { CATALOGUE, locations, openBaseModel } from '../catalogue/index.ts'
import { pythonProgram, TRAINER_FOLDER } from '../trainers/index.ts'
import { normaliseAdapter } from './normalise-adapter.ts'

/** The weights that an adapter may have a pair for: as the catalogue's numbers make them, and as the file holds them. */
const PROGRAM = `
import json, sys
from gguf import GGUFReader
from assay_trainer.adapter_gguf import MODULES_BACK
from assay_trainer.foreign_adapter import base_of
base = base_of(json.loads(sys.argv[1]), ())
reader = GGUFReader(sys.argv[2])
held = {t.name: [int(n) for n in reversed(t.shape)] for t in reader.tensors if t.name.split('.')[-2] in MODULES_BACK}
heads = [int(reader.fields['llama.attention.' + key].contents()) for key in ('head_count', 'head_count_kv')]
made = {name: list(shape) for name, shape in base.shapes.items()}
print(json.dumps({'same': made == held, 'count': len(held), 'heads': [base.heads, base.kv_heads] == heads}))
`

test.each(CATALOGUE)('the architecture of $name is that of its file', async (model) => {
  const { ggufPath } = await openBaseModel(model, locations())
  const args = ['-c', PROGRAM, JSON.stringify(model.architecture), ggufPath]
  const told = execFileSync(pythonProgram(), args, { cwd: TRAINER_FOLDER, encoding: 'utf8' })
  expect(JSON.parse(told)).toEqual({ same: true, count: model.architecture.layers * 7, heads: true })
})

test('one adapter is read at a time', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'assay-readers-'))
  const log = join(folder, 'log')
  const reader = `#!/bin/sh
echo begins >> '${log}'
'${pythonProgram()}' "$@"
code=$?
echo ends >> '${log}'
exit $code
`
  await writeFile(join(folder, 'python'), reader, { mode: 0o755 })
  vi.stubEnv('ASSAY_PYTHON', join(folder, 'python'))
  try {
    const read = () => normaliseAdapter(join(folder, 'none'), 'smollm2-135m-aligned', join(folder, 'normal'))
    for (const done of await Promise.allSettled([read(), read(), read()]))
      expect(done).toMatchObject({ reason: { code: 'adapter_file_missing' } })
    expect((await readFile(log, 'utf8')).split(/\s/)).toEqual([...Array(3).fill(['begins', 'ends']).flat(), ''])
  } finally {
    vi.unstubAllEnvs()
    await rm(folder, { recursive: true })
  }
})
