import type { ApiClient } from './api-client.ts'

export interface JobEvent {
  readonly id: string
  readonly level: 'info' | 'warn' | 'error'
  readonly type: 'message' | 'metrics'
  readonly message: string
  readonly created_at: number
  readonly data: Readonly<Record<string, unknown>> | null
}

const PAGE = 100

/** The events of a job, oldest first; asked again, only those that came since: the service lists the newest first. */
export class JobEvents {
  readonly #client: ApiClient
  readonly #path: string
  #newest: string | undefined

  constructor(client: ApiClient, jobId: string) {
    this.#client = client
    this.#path = `/v1/fine_tuning/jobs/${encodeURIComponent(jobId)}/events?limit=${PAGE}`
  }

  async fresh(): Promise<JobEvent[]> {
    const found: JobEvent[] = []
    for (let after = ''; ; ) {
      const page = await this.#client.get<{ data: JobEvent[]; has_more: boolean }>(this.#path + after)
      const known = page.data.findIndex((event) => event.id === this.#newest)
      found.push(...(known < 0 ? page.data : page.data.slice(0, known)))
      if (known >= 0 || !page.has_more) break
      after = `&after=${encodeURIComponent(page.data.at(-1)?.id ?? '')}`
    }
    this.#newest = found[0]?.id ?? this.#newest
    return found.reverse()
  }
}
