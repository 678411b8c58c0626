import type { ReactNode } from 'react'
import classes from './status.module.css'

export type Tone = 'passed' | 'failed' | 'running' | 'unsure' | 'quiet'

/** A state in a word. The colour repeats what the word says; nobody needs it to understand. */
export function Status({ tone, children }: { tone: Tone; children: ReactNode }) {
  return (
    <span className={classes.status} data-tone={tone}>
      {children}
    </span>
  )
}
