/**
 * PostgreSQL problem: the meaning of an error of the server, or of its connection, for the sent values. [PostgreSQL 17,
 * appendix A]
 */
import { isOfCertificate, type SendOutcome, SinkTrouble } from '@skerry/connectors/sink'

/** The value itself causes these: data that does not fit, or constraints of the table. */
const REFUSALS = ['22', '23']

/** The server does not accept our identity, or denies access. */
const DENIALS = ['28', '42501']

/** The configuration cannot work: the database, schema, table or column does not exist, or has another kind. */
const UNFIT = ['3D', '3F', '42']

/** The sink calls only functions of TimescaleDB. */
const NO_FUNCTION = '42883'
const NO_TIMESCALE = 'a hypertable needs TimescaleDB 2.13 or later: CREATE EXTENSION timescaledb in this database'

export function outcomeOf(error: unknown): SendOutcome {
  const { code, message } = partsOf(error)
  const is = (codes: readonly string[]) => codes.some((prefix) => code.startsWith(prefix))
  if (code === NO_FUNCTION)
    throw new SinkTrouble('sink_unfit', `${code}: ${message}; ${NO_TIMESCALE}`, { cause: error })
  if (!/^[0-9A-Z]{5}$/.test(code) || /^E[A-Z]{4}$/.test(code)) throw troubleOfConnection(code, message, error)
  if (is(REFUSALS)) return { ok: false, code: 'value_refused', message: `${code}: ${message}` }
  const trouble = is(DENIALS) ? 'sink_denied' : is(UNFIT) ? 'sink_unfit' : 'sink_busy'
  throw new SinkTrouble(trouble, `${code}: ${message}`, { cause: error })
}

function troubleOfConnection(code: string, message: string, cause: unknown): SinkTrouble {
  if (isOfCertificate(code)) return new SinkTrouble('sink_denied', `${code}: ${message}`, { cause })
  // [node-postgres] The library reports this without a code.
  if (/does not support SSL/.test(message)) {
    return new SinkTrouble('sink_unfit', 'the server has no TLS: give it a certificate, or set `tls: off`', { cause })
  }
  if (/timeout/i.test(message) || code === 'ETIMEDOUT') return new SinkTrouble('sink_silent', message, { cause })
  const isUnreachable = ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN'].includes(code)
  return new SinkTrouble(isUnreachable ? 'sink_unreachable' : 'sink_lost', message || code, { cause })
}

function partsOf(error: unknown): { code: string; message: string } {
  if (!(error instanceof Error)) return { code: '', message: String(error) }
  return { code: 'code' in error ? String(error.code) : '', message: error.message }
}
