import { createHmac } from 'node:crypto'
import { chmod, copyFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { safetyEvaluation, sign } from '../attestation/index.ts'
import type { LocalModel } from '../conversations/index.ts'
import { AssayError } from '../errors/index.ts'
import type { Assessment } from '../harm/index.ts'
import { BUILT_IN, type Judge } from '../judges/index.ts'
import { writeOutput } from './output-file.ts'
import { readSigningKey } from './signing-key.ts'

export interface AttestOptions {
  readonly modelDir?: string
  readonly attest?: string
  readonly signingKey?: string
  readonly writeAdapter?: string
  readonly judge: string
  readonly seed?: number
}

export interface Attester {
  /** Signs the verdict on a model on disk, whichever way it went. */
  attest(local: LocalModel, assessment: Assessment, judge: Judge): Promise<void>
  /** Known to the holder of the signing key alone; nothing where nothing is signed. */
  readonly secret: Buffer | undefined
}

/**
 * Checks, before anything is asked, that there can be an attestation; `undefined` where nothing is to be written.
 * @throws {AssayError} `not_attestable`, `signing_key_missing`, `invalid_key`
 */
export async function attester(options: AttestOptions): Promise<Attester | undefined> {
  const { modelDir, attest, signingKey, writeAdapter } = options
  if (attest === undefined && signingKey === undefined && writeAdapter === undefined) return undefined
  refuseWhatIsNotTheGates(options)
  if ((attest === undefined) !== (signingKey === undefined)) {
    throw new AssayError('signing_key_missing', 'An attestation needs both --attest and --signing-key.', {
      status: 400,
      remedy: 'Make a key with `assay signing-key FILE`.',
    })
  }
  const privateKeyPem = signingKey === undefined ? undefined : await readSigningKey(signingKey)
  return {
    async attest(local, assessment, judge) {
      if (writeAdapter !== undefined) await copyAdapter(local.adapterPath, writeAdapter)
      if (attest === undefined || privateKeyPem === undefined) return
      const evaluation = await safetyEvaluation(assessment, judge, local.baseModel)
      const envelope = await sign(evaluation, { name: basename(modelDir ?? ''), sha256: local.sha256 }, privateKeyPem)
      await writeOutput(attest, `${JSON.stringify(envelope, null, 2)}\n`)
      process.stderr.write(`The attestation is in ${attest}.\n`)
    },
    secret:
      privateKeyPem === undefined ? undefined : createHmac('sha256', privateKeyPem).update('assay evaluate').digest(),
  }
}

/** An attestation says what the gate would have: its judge, and questions that nobody chose, not by trying again either. */
function refuseWhatIsNotTheGates({ modelDir, judge, seed }: AttestOptions): void {
  const why =
    modelDir === undefined
      ? 'An endpoint has no digest, and may answer otherwise tomorrow; attested is a model on disk (--model-dir).'
      : judge !== BUILT_IN
        ? 'An attestation is made with the judge that ships; leave out --judge.'
        : seed !== undefined
          ? 'The questions of an attestation follow from key and model; leave out --seed.'
          : undefined
  if (why !== undefined) throw new AssayError('not_attestable', why, { status: 400 })
}

async function copyAdapter(from: string, to: string): Promise<void> {
  try {
    await copyFile(from, to)
    // The copy is the caller's, who may read it as any other file of theirs.
    await chmod(to, 0o644)
  } catch (cause) {
    throw new AssayError('output_not_writable', `The adapter cannot be written to ${to}.`, { status: 400, cause })
  }
}
