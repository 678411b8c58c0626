/** The API key of this tab: kept in its sessionStorage, which other tabs do not see and which ends with it. */
const NAME = 'assay.api-key'

const listeners = new Set<() => void>()
let farewell: string | undefined

export function apiKey(): string | null {
  return sessionStorage.getItem(NAME)
}

/** Why the last session ended, where the person did not end it. */
export function reasonOfSignOut(): string | undefined {
  return farewell
}

export function signIn(key: string): void {
  sessionStorage.setItem(NAME, key)
  farewell = undefined
  tell()
}

export function signOut(reason?: string): void {
  if (apiKey() === null) return
  sessionStorage.removeItem(NAME)
  farewell = reason
  tell()
}

export function onSession(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function tell(): void {
  for (const listener of listeners) listener()
}
