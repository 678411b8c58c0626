import { QueryCache, QueryClient } from '@tanstack/react-query'
import { ServiceError } from './service/call.ts'
import { signOut } from './service/session.ts'

/** What the service said, as long as a page shows it. A refusal is not asked again; a lost connection is. */
export const queries = new QueryClient({
  queryCache: new QueryCache({ onError: leaveWithoutKey }),
  defaultOptions: {
    queries: {
      networkMode: 'always',
      staleTime: 2_000,
      retry: (failures, error) => failures < 2 && !(error instanceof ServiceError && error.status < 500),
      retryDelay: (attempt) => Math.min(500 * 2 ** attempt, 4_000),
    },
    mutations: { networkMode: 'always', onError: leaveWithoutKey },
  },
})

/** A key that was deleted meanwhile opens nothing any more. */
function leaveWithoutKey(error: Error): void {
  if (error instanceof ServiceError && error.status === 401) signOut('This key is no longer valid.')
}
