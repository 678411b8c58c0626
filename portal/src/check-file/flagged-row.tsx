import { Skeleton, Text } from '@mantine/core'
import { useEffect, useState } from 'react'
import { percent } from '../elements/amounts.ts'
import type { Finding } from '../service/files.ts'
import { CATEGORY_NAMES } from '../service/jobs.ts'
import classes from './flagged-row.module.css'
import type { LinesOfFile } from './lines-of-file.ts'
import { messagesOf, type ShownMessage } from './row.ts'

/** Letters of a message that are shown; the rest is in the person's own file. */
const LONGEST = 600

/** A row of the local file, with what was found in it. */
export function FlaggedRow(props: { line: number; findings: readonly Finding[]; lines: LinesOfFile }) {
  const { line, findings, lines } = props
  const [messages, setMessages] = useState<readonly ShownMessage[]>()
  useEffect(() => {
    let current = true
    lines.text(line).then((text) => {
      if (current) setMessages(messagesOf(text))
    })
    return () => {
      current = false
    }
  }, [line, lines])
  const found = new Set(findings.map((finding) => finding.message))
  return (
    <div className={classes.flagged}>
      <div className={classes.heading}>
        <Text size="sm" fw={600} className="numbers">
          Line {line}
        </Text>
        {findings.map((finding) => (
          <span key={`${finding.message} ${finding.category}`} className={classes.finding}>
            {CATEGORY_NAMES[finding.category]}
            <span className={classes.severity} aria-hidden="true">
              {[1, 2, 3, 4, 5, 6, 7].map((step) => (
                <i key={step} data-on={step <= finding.severity || undefined} />
              ))}
            </span>
            <span className="numbers">severity {finding.severity} of 7</span>
            <span className={`${classes.probability} numbers`}>probability {percent(finding.probability, 0)}</span>
          </span>
        ))}
      </div>
      {messages ? (
        <div className={classes.messages}>
          {messages.map((message, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a message is known by its place in the row
            <p key={place} className={classes.message} data-found={found.has(place) || undefined}>
              <span className={classes.role}>{message.role}</span>
              <span>
                {message.text.slice(0, LONGEST)}
                {message.text.length > LONGEST && '…'}
              </span>
            </p>
          ))}
        </div>
      ) : (
        <Skeleton height={40} />
      )}
    </div>
  )
}
