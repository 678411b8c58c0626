/** Asks as `fetch` does, and tells what share of the body is on its way, 0 to 1: of that, `fetch` says nothing. */
export function sendTold(
  path: string,
  { method, headers, body, signal }: RequestInit & { headers: Readonly<Record<string, string>> },
  onSent: (share: number) => void,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open(method ?? 'GET', path)
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value)
    request.upload.onprogress = ({ loaded, total }) => onSent(loaded / total)
    request.onload = () => {
      const id = request.getResponseHeader('x-request-id')
      resolve(
        new Response(request.responseText, { status: request.status, ...(id && { headers: { 'x-request-id': id } }) }),
      )
    }
    request.onerror = () => reject(new TypeError('The request failed.'))
    request.onabort = () => reject(new DOMException('It was stopped.', 'AbortError'))
    signal?.addEventListener('abort', () => request.abort())
    request.send(body as XMLHttpRequestBodyInit)
  })
}
