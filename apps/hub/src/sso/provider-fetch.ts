/** Provider fetch: how the hub asks a provider. No redirect is followed, an answer has a limit, and the operator's own authority is trusted. */
import { type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { rootCertificates } from 'node:tls'

/** Metadata, keys and tokens have some kilobytes; a person with many groups some dozens. */
const ANSWER_BYTES_MAX = 512 * 1024

type Asked = {
  method: string
  headers: Record<string, string>
  body?: URLSearchParams | string | undefined | null
  signal?: AbortSignal | undefined
}

/** Asks as `fetch` does. */
export const providerFetch =
  (caPem: string | undefined) =>
  (url: string, { method, headers, body, signal }: Asked): Promise<Response> => {
    const payload = body ? String(body) : undefined
    const options: RequestOptions = {
      method,
      agent: false,
      ...(signal && { signal }),
      headers: { ...headers, ...(payload !== undefined && { 'content-length': Buffer.byteLength(payload) }) },
      ...(caPem === undefined ? {} : { ca: [...rootCertificates, caPem] }),
    }
    const request = url.startsWith('https:') ? requestHttps : requestHttp
    const { promise, resolve, reject } = Promise.withResolvers<Response>()
    const asking = request(url, options, (answer) => void responseOf(answer).then(resolve, reject))
    asking.on('error', reject)
    asking.end(payload)
    return promise
  }

/** [Fetch, null body status] */
const WITHOUT_BODY = [204, 205, 304]

async function responseOf(answer: IncomingMessage): Promise<Response> {
  const chunks: Buffer[] = []
  let sizeBytes = 0
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length
    // Leaving the loop ends the connection.
    if (sizeBytes > ANSWER_BYTES_MAX) throw new Error(`its answer is over ${ANSWER_BYTES_MAX} bytes`)
    chunks.push(chunk)
  }
  const status = answer.statusCode ?? 500
  const type = answer.headers['content-type']
  const headers = type === undefined ? {} : { 'content-type': type }
  return new Response(WITHOUT_BODY.includes(status) ? null : Buffer.concat(chunks), { status, headers })
}
