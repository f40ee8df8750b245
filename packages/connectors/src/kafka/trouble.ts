/**
 * Kafka trouble: the meaning of a library's error for the sent values. The library nests errors: the errors of all
 * attempts are inside.
 */
import { GenericError, MultipleErrors } from '@platformatic/kafka'
import {
  isOfCertificate,
  type SendOutcome,
  type SinkRefusal,
  SinkTrouble,
  type SinkTroubleCode,
} from '@skerry/connectors/sink'

/** [kafka.apache.org, protocol, error codes] The broker would reject the same records again. */
const REFUSALS: Record<string, SinkRefusal> = {
  MESSAGE_TOO_LARGE: 'batch_too_large',
  RECORD_LIST_TOO_LARGE: 'batch_too_large',
  INVALID_RECORD: 'value_refused',
  INVALID_TIMESTAMP: 'value_refused',
  INVALID_TOPIC_EXCEPTION: 'value_refused',
}

/** A code in neither list may change later. */
const TROUBLES: Record<string, SinkTroubleCode> = {
  TOPIC_AUTHORIZATION_FAILED: 'sink_denied',
  CLUSTER_AUTHORIZATION_FAILED: 'sink_denied',
  SASL_AUTHENTICATION_FAILED: 'sink_denied',
  ILLEGAL_SASL_STATE: 'sink_denied',
  UNSUPPORTED_SASL_MECHANISM: 'sink_denied',
  UNKNOWN_TOPIC_OR_PARTITION: 'sink_unfit',
  UNSUPPORTED_VERSION: 'sink_unfit',
  UNSUPPORTED_COMPRESSION_TYPE: 'sink_unfit',
  UNSUPPORTED_FOR_MESSAGE_FORMAT: 'sink_unfit',
  INVALID_REQUIRED_ACKS: 'sink_unfit',
}

const LIBRARY: Record<string, SinkTroubleCode> = {
  PLT_KFK_AUTHENTICATION: 'sink_denied',
  // Also for a topic that does not exist, and for a broker that requires TLS.
  PLT_KFK_USER: 'sink_unfit',
  PLT_KFK_UNSUPPORTED_API: 'sink_unfit',
}

const NETWORK = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT)$/

/** Returns a rejection if the error is one. Throws `SinkTrouble` otherwise. */
export function refusalOf(error: unknown): SendOutcome {
  for (const one of allOf(error)) {
    const code = REFUSALS[apiIdOf(one)]
    if (code) return { ok: false, code, message: wordsOf(one) }
  }
  throw troubleOf(error)
}

export function troubleOf(error: unknown): SinkTrouble {
  if (error instanceof SinkTrouble) return error
  const all = allOf(error)
  for (const one of all) {
    const code = codeOf(one)
    if (code) return new SinkTrouble(code, wordsOf(one), { cause: error })
  }
  const said = all.find((one) => apiIdOf(one) !== '')
  return new SinkTrouble(said ? 'sink_busy' : 'sink_lost', wordsOf(said ?? all.at(-1) ?? error), { cause: error })
}

function codeOf(error: Error): SinkTroubleCode | undefined {
  const known = TROUBLES[apiIdOf(error)] ?? LIBRARY[fieldOf(error, 'code')]
  if (known) return known
  const system = fieldOf(error, 'code')
  if (NETWORK.test(system)) return 'sink_unreachable'
  if (isOfCertificate(system)) return 'sink_denied'
  return /timed out/i.test(error.message) && error instanceof GenericError ? 'sink_silent' : undefined
}

/** Innermost first: the outer errors only describe the operation. */
function allOf(error: unknown): Error[] {
  if (!(error instanceof Error)) return []
  const within = error instanceof MultipleErrors || error instanceof AggregateError ? error.errors : []
  return [...within.flatMap(allOf), ...allOf(error.cause), error]
}

const apiIdOf = (error: Error) => fieldOf(error, 'apiId')

function fieldOf(error: Error, name: 'apiId' | 'code'): string {
  const value: unknown = Reflect.get(error, name)
  return typeof value === 'string' ? value : ''
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const topic = /^Unknown topic (.+)\.$/.exec(error.message)?.[1]
  if (topic !== undefined) return `there is no topic ${topic}; create it, or set create: true`
  const apiId = apiIdOf(error)
  return apiId === '' ? error.message || error.name : `${apiId}: ${error.message}`
}
