/** Sink over HTTP: what an answer, or none, means for what was sent. */
import { type SendOutcome, SinkTrouble } from './sink.ts'

export type SinkRequest = { url: string; headers: Record<string, string>; body: string; timeoutMs: number }

/** Whoever answers says in a line or two what is wrong; more is not read. */
const MESSAGE_CHARS_MAX = 300

/** Posts it. Throws `SinkTrouble`. No redirect is followed: what was signed and allowed is that address. */
export async function postToSink(
  { url, headers, body, timeoutMs }: SinkRequest,
  signal: AbortSignal,
): Promise<SendOutcome> {
  const timeout = AbortSignal.timeout(timeoutMs)
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers,
      body,
      redirect: 'manual' as const,
      signal: AbortSignal.any([signal, timeout]),
    })
    const text = await answer.text()
    return outcomeOf(answer, text.slice(0, MESSAGE_CHARS_MAX).trim())
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof SinkTrouble) throw error
    if (timeout.aborted) throw new SinkTrouble('sink_silent', `no answer within ${timeoutMs} ms`, { cause: error })
    throw new SinkTrouble(wasOpen(error) ? 'sink_lost' : 'sink_unreachable', reasonOf(error), { cause: error })
  }
}

/** [RFC 9110, 15] What is wrong with the request stays wrong; all else may be otherwise later. */
const REFUSALS = new Set([400, 406, 411, 412, 414, 415, 417, 422, 431])

const DENIALS = new Set([401, 402, 403, 407, 511])

function outcomeOf(answer: Response, text: string): SendOutcome {
  const { status } = answer
  if (status >= 200 && status < 300) return { ok: true }
  const message = `HTTP ${status}${text === '' ? '' : `: ${text}`}`
  if (status === 413) return { ok: false, code: 'batch_too_large', message }
  if (REFUSALS.has(status)) return { ok: false, code: 'value_refused', message }
  if (DENIALS.has(status)) throw new SinkTrouble('sink_denied', message)
  if (status === 429 || status >= 500) {
    throw new SinkTrouble('sink_busy', message, { retryAfterMs: secondsOf(answer.headers.get('retry-after')) })
  }
  throw new SinkTrouble('sink_unfit', message)
}

/** [RFC 9110, 10.2.3] In seconds; a date is not looked at. An hour is patience enough. */
const secondsOf = (text: string | null) =>
  text !== null && /^\d{1,6}$/.test(text) ? Math.min(Number(text), 3_600) * 1_000 : undefined

const causeOf = (error: unknown): unknown => (error instanceof Error ? error.cause : undefined)

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''

const wasOpen = (error: unknown) => ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'].includes(codeOf(causeOf(error)))

function reasonOf(error: unknown): string {
  const cause = causeOf(error)
  const message = cause instanceof Error && cause.message !== '' ? cause.message : codeOf(cause)
  return message || (error instanceof Error ? error.message : String(error))
}
