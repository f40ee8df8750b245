/** AMQP trouble: the trouble that an error of the library means for the connection. [AMQP 0-9-1, 1.1: reply codes] */
import { isOfCertificate, SinkTrouble, type SinkTroubleCode } from '@skerry/connectors/sink'

const CODES: Record<number, SinkTroubleCode> = {
  311: 'sink_unfit',
  403: 'sink_denied',
  404: 'sink_unfit',
  406: 'sink_unfit',
  /** The virtual host does not exist, or denies access. */
  530: 'sink_denied',
}

const UNREACHABLE = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT)$/

export function troubleOf(error: unknown): SinkTrouble {
  if (error instanceof SinkTrouble) return error
  const message = error instanceof Error ? error.message || error.name : String(error)
  return new SinkTrouble(codeOf(error, message), message, { cause: error })
}

function codeOf(error: unknown, message: string): SinkTroubleCode {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined
  if (typeof code === 'number') return CODES[code] ?? 'sink_lost'
  if (typeof code === 'string' && UNREACHABLE.test(code)) return 'sink_unreachable'
  if (isOfCertificate(code)) return 'sink_denied'
  // While the library opens a connection, only the words of its message show the broker's answer.
  if (/ConnectionClose|ACCESS-REFUSED|NOT-ALLOWED/.test(message)) return 'sink_denied'
  return /timeout|ETIMEDOUT/i.test(message) ? 'sink_silent' : 'sink_lost'
}
