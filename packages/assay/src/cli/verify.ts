import { createHash, createPublicKey } from 'node:crypto'
import { pipeline } from 'node:stream/promises'
import { Command } from 'commander'
import { verify } from '../attestation/index.ts'
import { AssayError } from '../errors/index.ts'
import { policyDigest } from '../harm/index.ts'
import { progressLine } from '../terminal/index.ts'
import { parseJson } from '../training-data/index.ts'
import { EXIT } from './exit-code.ts'
import { openInput, readInput } from './input-file.ts'

/** `assay verify`: whether an attestation speaks of this file, is signed by this key, and calls it deployable. */
export function verifyCommand(): Command {
  return new Command('verify')
    .description('Verify offline that an attestation speaks of a model file and calls it deployable.')
    .argument('<attestation>', 'the attestation: a DSSE envelope, JSON')
    .requiredOption('--model <file>', 'the adapter or model that it should speak of')
    .requiredOption('--key <file>', 'the public key of the signer, PEM')
    .addHelpText(
      'after',
      '\n  assay verify attestation.json --model adapter.gguf --key signer.pem\n\nExit code: 0 deployable, 1 not deployable, 2 not a valid attestation of this file.',
    )
    .action(async (attestation: string, options: { model: string; key: string }) => {
      const evaluation = await verify(parseJson(await readInput(attestation)), {
        publicKeysPem: [await readKey(options.key)],
        subjectSha256: await sha256(options.model),
        policyDigests: [await policyDigest()],
      })
      process.stdout.write(`${JSON.stringify(evaluation, null, 2)}\n`)
      process.exitCode = evaluation.deployable ? EXIT.passed : EXIT.failed
    })
}

async function readKey(path: string): Promise<string> {
  const pem = await readInput(path)
  try {
    createPublicKey(pem)
    return pem
  } catch (cause) {
    throw new AssayError('invalid_key', `${path} is not a public key in PEM.`, { status: 400, cause })
  }
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256')
  const file = await openInput(path)
  const progress = progressLine((bytes: number) => `${Math.round(bytes / 1e6)} MB of ${path} read`)
  let bytes = 0
  await pipeline(
    file.createReadStream(),
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        bytes += chunk.length
        progress.show(bytes)
        yield chunk
      }
    },
    hash,
  ).finally(progress.end)
  return hash.digest('hex')
}
