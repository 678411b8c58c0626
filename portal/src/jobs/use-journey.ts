import { useEffect, useState } from 'react'
import { ServiceError } from '../service/call.ts'
import { type Journey, watchJob } from '../service/jobs.ts'

export type Connection = 'connecting' | 'live' | 'lost' | 'ended'

export interface Watched {
  readonly journey: Journey | undefined
  readonly connection: Connection
  /** The service refused: there is no such job, say. */
  readonly refused: Error | undefined
  /** When the last word came, in milliseconds since 1970. */
  readonly heardAt: number | undefined
}

/** The service speaks every 10 s at least; a connection that says nothing for longer is a dead one. */
const SILENCE = 25_000
const FIRST_WAIT = 500
const LONGEST_WAIT = 8_000

const NOTHING: Watched = { journey: undefined, connection: 'connecting', refused: undefined, heardAt: undefined }

/** A job, watched until it ends. A connection that drops is made anew, ever less often, at once when the network is back. */
export function useJourney(id: string): Watched {
  const [watched, setWatched] = useState(NOTHING)
  useEffect(() => {
    setWatched(NOTHING)
    const left = new AbortController()
    watch(id, left.signal, (change) => setWatched((before) => ({ ...before, ...change })))
    return () => left.abort()
  }, [id])
  return watched
}

async function watch(id: string, left: AbortSignal, tell: (change: Partial<Watched>) => void): Promise<void> {
  for (let wait = FIRST_WAIT; !left.aborted; wait = Math.min(wait * 2, LONGEST_WAIT)) {
    const silent = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const listen = () => {
      clearTimeout(timer)
      timer = setTimeout(() => silent.abort(), SILENCE)
    }
    try {
      listen()
      for await (const journey of watchJob(id, AbortSignal.any([left, silent.signal]))) {
        listen()
        wait = FIRST_WAIT
        tell({ journey, connection: 'live', heardAt: Date.now() })
      }
      return tell({ connection: 'ended' })
    } catch (error) {
      if (left.aborted) return
      if (error instanceof ServiceError && error.status < 500) return tell({ refused: error, connection: 'ended' })
      tell({ connection: 'lost' })
      await sleep(wait, left)
    } finally {
      clearTimeout(timer)
    }
  }
}

function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = () => {
      clearTimeout(timer)
      window.removeEventListener('online', wake)
      signal.removeEventListener('abort', wake)
      resolve()
    }
    const timer = setTimeout(wake, milliseconds)
    window.addEventListener('online', wake)
    signal.addEventListener('abort', wake)
  })
}
