/** Sink broker: a connection to a broker for a sink, whose troubles are those of sinks. */
import { SourceTrouble, type TroubleCode } from '@skerry/connectors/session'
import { type SinkDeps, SinkTrouble, type SinkTroubleCode } from '@skerry/connectors/sink'
import { secretFor } from '@skerry/connectors/sink-secret'
import { secretsNamedIn } from '@skerry/contract/secrets/secret-reference'
import { type Broker, type BrokerOptions, openBroker } from './connection.ts'

/** Connects. Throws `SinkTrouble`. */
export function openSinkBroker(
  options: Omit<BrokerOptions, 'secrets' | 'random'>,
  deps: SinkDeps,
  signal: AbortSignal,
): Promise<Broker> {
  const names = secretsNamedIn(options.connection)
  const secrets = Object.fromEntries(names.map((secret) => [secret, secretFor({ secret }, deps)]))
  return asSink(openBroker({ ...options, secrets, random: deps.random }, signal))
}

/** Says of what went wrong what it means for a sink. */
export async function asSink<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (cause) {
    if (!(cause instanceof SourceTrouble)) throw cause
    throw new SinkTrouble(CODES[cause.code], cause.message, { cause })
  }
}

const CODES: Record<TroubleCode, SinkTroubleCode> = {
  source_unreachable: 'sink_unreachable',
  source_silent: 'sink_silent',
  source_lost: 'sink_lost',
  source_refused: 'sink_denied',
}
