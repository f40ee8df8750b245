/** HTTP wire: one request and its answer, within a time and a size. No redirect is followed: what was written down is that address. */
import { type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { SourceTrouble } from '@skerry/connectors/session'
import { secretOf, tlsOptions } from '@skerry/connectors/tls'
import type { HttpConnection } from '@skerry/contract/sources/protocols/source-http'

export type HttpAnswer = { status: number; text: string; entityTag: string | undefined }

export type HttpRequest = { url: string; method: string; body?: string; headers?: Record<string, string> }

type Secrets = Readonly<Record<string, string>>

/** Throws `SourceTrouble`. */
export async function ask(
  { connection, secrets }: { connection: HttpConnection; secrets: Secrets },
  { url, method, body, headers = {} }: HttpRequest,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const { timeoutMs, bytesMax, tls } = connection
  const timeout = AbortSignal.timeout(timeoutMs)
  const options = {
    method,
    signal: AbortSignal.any([signal, timeout]),
    headers: { ...headersOf(connection, secrets), ...headers },
    ...(tls ? tlsOptions(tls, secrets) : {}),
  }
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const request = url.startsWith('https:') ? requestHttps(url, options, resolve) : requestHttp(url, options, resolve)
  request.on('error', reject)
  request.end(body)
  try {
    const answer = await promise
    const text = await textOf(answer, bytesMax)
    return { status: answer.statusCode ?? 0, text, entityTag: answer.headers.etag }
  } catch (cause) {
    signal.throwIfAborted()
    const { host } = new URL(url)
    if (timeout.aborted)
      throw new SourceTrouble('source_silent', `${host} did not answer within ${timeoutMs} ms`, { cause })
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new SourceTrouble('source_unreachable', `${host} cannot be reached (${reason.slice(0, 200)})`, { cause })
  } finally {
    request.destroy()
  }
}

function headersOf({ headers, bearer }: HttpConnection, secrets: Secrets): Record<string, string> {
  const plain = Object.entries(headers).map(([name, value]) => [
    name.toLowerCase(),
    typeof value === 'string' ? value : secretOf(value, secrets),
  ])
  return {
    accept: 'application/json',
    'user-agent': 'skerry',
    ...Object.fromEntries(plain),
    ...(bearer ? { authorization: `Bearer ${secretOf(bearer, secrets)}` } : {}),
  }
}

async function textOf(answer: IncomingMessage, bytesMax: number): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of answer) {
    bytes += chunk.length
    if (bytes > bytesMax) throw new Error(`the answer has more than ${bytesMax} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
