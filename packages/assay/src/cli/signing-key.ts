import { createPrivateKey } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { Command } from 'commander'
import { generateSigningKey, keyId } from '../attestation/index.ts'
import { AssayError } from '../errors/index.ts'
import { readInput } from './input-file.ts'

/** `assay signing-key`: a key pair to sign attestations with. */
export function signingKeyCommand(): Command {
  return new Command('signing-key')
    .description('Make a key pair to sign attestations with: Ed25519, PEM.')
    .argument('<file>', 'where the private key goes; the public one goes beside it, as FILE.pub')
    .addHelpText(
      'after',
      `
  assay signing-key signer.pem
  assay evaluate --model-dir ./adapter --attest verdict.json --signing-key signer.pem
  assay serve --trust-key signer.pem.pub

Whoever has the private key can have models deployed wherever the public one is trusted. No file is written over.`,
    )
    .action(async (path: string) => {
      const { privateKeyPem, publicKeyPem } = await generateSigningKey()
      await writeNew(path, privateKeyPem, 0o600)
      await writeNew(`${path}.pub`, publicKeyPem, 0o644)
      process.stdout.write(`${await keyId(publicKeyPem)}\n`)
    })
}

/** @throws {AssayError} `invalid_key`: no Ed25519 private key in PEM (PKCS #8), or one behind a passphrase */
export async function readSigningKey(path: string): Promise<string> {
  const pem = await readInput(path)
  try {
    const key = createPrivateKey(pem)
    if (key.asymmetricKeyType === 'ed25519') return key.export({ type: 'pkcs8', format: 'pem' }).toString()
  } catch {
    // Said below, without what the library quotes of the file.
  }
  throw new AssayError('invalid_key', `${path} is not an Ed25519 private key in PEM, without a passphrase.`, {
    status: 400,
    remedy: 'Make one with `assay signing-key FILE`.',
  })
}

async function writeNew(path: string, text: string, mode: number): Promise<void> {
  await writeFile(path, text, { mode, flag: 'wx' }).catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === 'EEXIST' ? 'it is there already, and a key is not written over' : cause.code
    throw new AssayError('output_not_writable', `The key cannot be written to ${path}: ${why}.`, { status: 400, cause })
  })
}
