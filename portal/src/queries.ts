import { QueryClient } from '@tanstack/react-query'
import { ServiceError } from './service/call.ts'

/** What the service said, as long as a page shows it. A refusal is not asked again; a lost connection is. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      networkMode: 'always',
      staleTime: 2_000,
      retry: (failures, error) => failures < 2 && !(error instanceof ServiceError && error.status < 500),
      retryDelay: (attempt) => Math.min(500 * 2 ** attempt, 4_000),
    },
    mutations: { networkMode: 'always' },
  },
})
