/** NATS sink: each value is a message with its id, by which JetStream knows one that comes twice. A batch is delivered when each has been acknowledged. */

import { connect, headers, type NatsConnection as Link } from '@nats-io/transport-node'
import { isOfCertificate, type OpenSink, type SendOutcome, type SinkDeps, SinkTrouble } from '@skerry/connectors/sink'
import { sinkLine } from '@skerry/connectors/sink-line'
import { answered } from '@skerry/connectors/sink-patience'
import { secretFor } from '@skerry/connectors/sink-secret'
import type { NatsConnection } from '@skerry/contract/sinks/protocols/sink-nats'
import type { NatsSink } from '@skerry/contract/sinks/sink'
import { type SinkBatch, sinkValueId } from '@skerry/contract/sinks/sink-value'

export const openNats: OpenSink<NatsSink> = async ({ connection }, deps, signal) => {
  signal.throwIfAborted()
  const link = await open(connection, deps)
  return {
    send: (batch) => (connection.jetStream ? sendStored(link, connection, batch) : sendPlain(link, connection, batch)),
    [Symbol.asyncDispose]: () => link.close(),
  }
}

async function open(connection: NatsConnection, deps: SinkDeps): Promise<Link> {
  const { host, port, user, password, token, tls, timeoutMs } = connection
  try {
    return await connect({
      servers: `${host}:${port}`,
      name: 'skerry',
      timeout: timeoutMs,
      reconnect: false,
      ...(user === undefined ? {} : { user, pass: password ? secretFor(password, deps) : '' }),
      ...(token ? { token: secretFor(token, deps) } : {}),
      ...(tls === 'off' ? {} : { tls: tlsOf(connection) }),
    })
  } catch (error) {
    throw troubleOf(error)
  }
}

/** [nats.node] It gives TLS no name where the host is an address; Node would then look for `localhost` in the certificate. */
const tlsOf = ({ host, authority }: NatsConnection) => ({ host, ...(authority === undefined ? {} : { ca: authority }) })

/** [docs.nats.io, JetStream wire API] A publish is a request on the subject, whose answer is the acknowledgement. */
async function sendStored(link: Link, connection: NatsConnection, batch: SinkBatch): Promise<SendOutcome> {
  const { subject, timeoutMs } = connection
  try {
    const answers = await Promise.all(
      batch.values.map((value, index) => {
        const id = sinkValueId(batch, batch.first + index)
        const about = headers()
        about.set('Nats-Msg-Id', id)
        return link.request(subject, sinkLine(id, value), { headers: about, timeout: timeoutMs })
      }),
    )
    for (const answer of answers) {
      const { error }: { error?: { code: number; description: string } } = answer.json()
      if (!error) continue
      const message = `JetStream: ${error.description}`
      if (error.code === 400) return { ok: false, code: 'value_refused', message }
      throw new SinkTrouble('sink_busy', message)
    }
    return { ok: true }
  } catch (error) {
    throw troubleOf(error)
  }
}

async function sendPlain(link: Link, { subject, timeoutMs }: NatsConnection, batch: SinkBatch): Promise<SendOutcome> {
  try {
    for (const [index, value] of batch.values.entries()) {
      link.publish(subject, sinkLine(sinkValueId(batch, batch.first + index), value))
    }
    await answered(link.flush(), timeoutMs)
    return { ok: true }
  } catch (error) {
    throw troubleOf(error)
  }
}

const CODES = {
  AuthorizationError: 'sink_denied',
  UserAuthenticationExpiredError: 'sink_denied',
  PermissionViolationError: 'sink_denied',
  TimeoutError: 'sink_silent',
  NoRespondersError: 'sink_unfit',
} as const

function troubleOf(error: unknown): SinkTrouble {
  if (error instanceof SinkTrouble) return error
  const [name, message] = error instanceof Error ? [error.name, error.message] : ['', String(error)]
  const known = Object.entries(CODES).find(([code]) => code === name)?.[1]
  const cause = error instanceof Error ? error.cause : undefined
  if (known === 'sink_unfit') return new SinkTrouble(known, 'no stream of JetStream has the subject', { cause: error })
  if (known) return new SinkTrouble(known, message, { cause: error })
  // [nats-core] Whether the server would have us is said by an error within.
  if (cause instanceof Error && cause.name in CODES) return troubleOf(cause)
  const trouble = troubleOfTls(error, message)
  if (trouble) return trouble
  const isUnreachable = name === 'ConnectionError' && /refused|ENOTFOUND|EHOST/i.test(message)
  return new SinkTrouble(isUnreachable ? 'sink_unreachable' : 'sink_lost', message, { cause: error })
}

function troubleOfTls(error: unknown, message: string): SinkTrouble | undefined {
  if (!(error instanceof Error)) return undefined
  const code = [error, error.cause].map((one) => one instanceof Error && Reflect.get(one, 'code')).find(isOfCertificate)
  if (code) return new SinkTrouble('sink_denied', `${code}: ${message}`, { cause: error })
  if (!/does not support 'tls'/.test(message)) return undefined
  const advice = 'the server has no TLS: give it a certificate, or set `tls: off`'
  return new SinkTrouble('sink_unfit', advice, { cause: error })
}
