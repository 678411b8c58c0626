// The types of whichever WebCrypto is there: Node's in the service, the browser's in the portal.
type CryptoKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>

/** A key pair that signs assessments: Ed25519 (RFC 8032), PKCS #8 and SPKI in PEM. */
export interface AttestationKeys {
  readonly privateKeyPem: string
  readonly publicKeyPem: string
}

export async function generateSigningKey(): Promise<AttestationKeys> {
  const generated = crypto.subtle.generateKey({ name: 'Ed25519' }, true, ['sign', 'verify'])
  const pair = (await generated) as unknown as { privateKey: CryptoKey; publicKey: CryptoKey }
  return {
    privateKeyPem: pem('PRIVATE KEY', await crypto.subtle.exportKey('pkcs8', pair.privateKey)),
    publicKeyPem: pem('PUBLIC KEY', await crypto.subtle.exportKey('spki', pair.publicKey)),
  }
}

/** SHA-256 of the public key's SPKI encoding, lower-case hex: the `keyid` of the envelope. */
export async function keyId(publicKeyPem: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', pemBytes(publicKeyPem))
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

export function importPrivateKey(privateKeyPem: string): Promise<CryptoKey> {
  return crypto.subtle.importKey('pkcs8', pemBytes(privateKeyPem), { name: 'Ed25519' }, true, ['sign'])
}

export function importPublicKey(publicKeyPem: string): Promise<CryptoKey> {
  return crypto.subtle.importKey('spki', pemBytes(publicKeyPem), { name: 'Ed25519' }, true, ['verify'])
}

/** The public half of a private key, in PEM. */
export async function publicKeyOf(privateKeyPem: string): Promise<string> {
  const { kty, crv, x } = await crypto.subtle.exportKey('jwk', await importPrivateKey(privateKeyPem))
  const half = { kty, crv, x } as Exclude<Awaited<ReturnType<typeof crypto.subtle.exportKey>>, ArrayBuffer>
  const key = await crypto.subtle.importKey('jwk', half, { name: 'Ed25519' }, true, ['verify'])
  return pem('PUBLIC KEY', await crypto.subtle.exportKey('spki', key))
}

export function base64(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}

export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
}

function pem(label: string, bytes: ArrayBuffer): string {
  const lines = base64(new Uint8Array(bytes)).match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}

function pemBytes(text: string): Uint8Array<ArrayBuffer> {
  return fromBase64(text.replace(/-----[^-]+-----|\s/g, ''))
}
