import { useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useEffect, useSyncExternalStore } from 'react'
import { apiKey, onSession } from '../service/session.ts'
import { SignInPage } from './sign-in-page.tsx'

/** Shows its children to whoever has a key; the address stays, so that a deep link leads where it should after that. */
export function SignedIn({ children }: { children: ReactNode }) {
  const key = useSyncExternalStore(onSession, apiKey)
  const queries = useQueryClient()
  useEffect(() => {
    // What one key was shown is not for the next.
    if (key === null) queries.clear()
  }, [key, queries])
  return key === null ? <SignInPage /> : children
}
