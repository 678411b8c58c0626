export { type AttestationKeys, generateSigningKey, keyId } from './keys.ts'
export { sign } from './sign.ts'
export type { Envelope, SafetyEvaluation } from './statement.ts'
export { AttestationError, verify } from './verify.ts'
