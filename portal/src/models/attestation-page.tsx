export function AttestationPage() {
  return null
}
