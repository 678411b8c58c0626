/**
 * The values of a stream of server-sent events (WHATWG HTML, "Parsing an event stream"), as far as this service uses it:
 * each event is one `data:` line of JSON, and the last is `[DONE]`. The browser's EventSource cannot carry a key.
 *
 * @throws when the stream ends without `[DONE]`: the connection dropped
 */
export async function* streamedValues(body: AsyncIterable<Uint8Array>): AsyncGenerator<unknown> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const part of body) {
    rest += decoder.decode(part, { stream: true })
    const events = rest.split('\n\n')
    rest = events.pop() ?? ''
    for (const event of events) {
      if (!event.startsWith('data: ')) continue
      const text = event.slice('data: '.length)
      if (text === '[DONE]') return
      yield JSON.parse(text)
    }
  }
  throw new Error('The stream broke off.')
}
