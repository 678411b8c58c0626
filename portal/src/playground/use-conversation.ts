import { useEffect, useRef, useState } from 'react'
import { type ChatMessage, streamReply } from '../service/chat.ts'

export interface Turn {
  readonly id: number
  readonly role: 'user' | 'assistant'
  readonly content: string
  /** How the reply ended, and what it took. */
  readonly note?: string
  /** Refused or failed: later messages go without it, since they would be refused for it too. */
  readonly unanswered?: boolean
}

export interface Settings {
  readonly model: string
  readonly system: string
  readonly temperature: number
  readonly max_tokens: number
}

const filtered = (found: readonly string[]) => `Content filter: ${found.join(', ') || 'safe'}`

/** A conversation with a model, in memory only. One reply at a time, which can be stopped. */
export function useConversation() {
  const [turns, setTurns] = useState<readonly Turn[]>([])
  const [answering, setAnswering] = useState(false)
  const [error, setError] = useState<Error | null>(null)
  const current = useRef<AbortController>(null)
  useEffect(() => () => current.current?.abort(), [])

  const send = async (text: string, settings: Settings) => {
    const { system, ...request } = settings
    const asked: Turn = { id: turns.length, role: 'user', content: text }
    const before = [...turns, asked]
    const answer: Turn = { id: before.length, role: 'assistant', content: '' }
    const change = (id: number, to: Partial<Turn>) =>
      setTurns((now) => now.map((turn) => (turn.id === id ? { ...turn, ...to } : turn)))
    const show = (to: Partial<Turn>) => change(answer.id, to)
    setTurns([...before, answer])
    setAnswering(true)
    setError(null)
    const controller = new AbortController()
    current.current = controller
    let content = ''
    let note = ''
    let found = ''
    try {
      const messages: ChatMessage[] = system === '' ? [] : [{ role: 'system', content: system }]
      messages.push(
        ...before
          .filter(({ content, unanswered }) => content !== '' && !unanswered)
          .map(({ role, content }) => ({ role, content })),
      )
      for await (const part of streamReply({ ...request, messages }, controller.signal)) {
        if (part.type === 'text') content += part.text
        if (part.type === 'annotated' && part.of === 'prompt' && part.found.length > 0)
          change(asked.id, { note: filtered(part.found) })
        // Parts of a reply are judged as they come: what was found in one is not taken back by the next.
        if (part.type === 'annotated' && part.of === 'reply' && (part.found.length > 0 || found === ''))
          found = filtered(part.found)
        if (part.type === 'end' && part.reason === 'length') note = 'Cut off at the longest reply'
        if (part.type === 'end' && part.reason === 'content_filter') note = 'Ended by a content filter'
        if (part.type === 'usage')
          note = [note, found, `${part.prompt} prompt, ${part.completion} completion tokens`]
            .filter(Boolean)
            .join(' · ')
        show({ content, ...(note && { note }) })
      }
    } catch (thrown) {
      if (controller.signal.aborted) show({ note: 'Stopped' })
      else {
        setError(thrown as Error)
        // What there is of the answer stays.
        if (content !== '') show({ note: 'Broke off' })
        else {
          setTurns((now) => now.filter((turn) => turn.id !== answer.id))
          change(asked.id, { note: 'Not answered', unanswered: true })
        }
      }
    } finally {
      setAnswering(false)
    }
  }
  return {
    turns,
    answering,
    error,
    send,
    stop: () => current.current?.abort(),
    clear: () => {
      current.current?.abort()
      setTurns([])
      setError(null)
    },
  }
}
