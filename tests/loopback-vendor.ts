import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request as the stand-in for a vendor got it. */
export interface VendorRequest {
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  // biome-ignore lint/suspicious/noExplicitAny: bodies of many formats; each test knows its own
  readonly body: Record<string, any>
}

export interface VendorReply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Text as it is; anything else as JSON. */
  readonly body: unknown
}

/** A vendor's server on loopback that answers as the test says; for judges behind an endpoint. */
export async function loopbackVendor(
  answer: (request: VendorRequest, count: number) => VendorReply | Promise<VendorReply>,
) {
  const requests: VendorRequest[] = []
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk)
    const body = JSON.parse(Buffer.concat(chunks).toString('utf8'))
    const request = { path: incoming.url ?? '', headers: incoming.headers, body }
    requests.push(request)
    const reply = await answer(request, requests.length)
    outgoing.writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers })
    outgoing.end(typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
