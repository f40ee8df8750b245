/** KNX wire: a tunnel into the bus of a building, through a gateway. One telegram at a time; what the bus says comes by itself. */
import { SourceTrouble, type TroubleCode } from '@skerry/connectors/session'
import type { KnxConnection } from '@skerry/contract/sources/protocols/source-knx'
import { KNXClient } from 'knxultimate'

/** What somebody on the bus has sent to a group. */
export type Telegram = { group: string; bytes: Buffer }

export type Wire = AsyncDisposable & {
  /** Asks the group for its value: who has it sends it to all. */
  ask(group: string): void
  send(group: string, telegram: { bytes: Buffer; bits: number }): void
  /** Rejects when the tunnel is no good any more. */
  gone: Promise<never>
}

/** The library gives an answer ten seconds, and begins anew with each question: less would never find out. Three questions later it gives up. */
const ALIVE_SECONDS = 11

/** Between two that are sent, answers to the gateway among them: longer, and a bus that is busy would leave no room for questions. */
const PAUSE_MS = 5

/** A gateway that is told goodbye says so at once, or is no longer there. */
const CLOSE_TIMEOUT_MS = 500

/** Opens the tunnel. Throws `SourceTrouble`. */
export async function openWire(
  { host, port, localAddress, timeoutMs }: KnxConnection,
  hear: (telegram: Telegram) => void,
  signal: AbortSignal,
): Promise<Wire> {
  signal.throwIfAborted()
  const client = new KNXClient({
    hostProtocol: 'TunnelUDP',
    ipAddr: host,
    ipPort: port,
    loglevel: 'disable',
    KNXQueueSendIntervalMilliseconds: PAUSE_MS,
    connectionKeepAliveTimeout: ALIVE_SECONDS,
    ...(localAddress === undefined ? {} : { localIPAddress: localAddress }),
  })
  const gone = Promise.withResolvers<never>()
  gone.promise.catch(() => undefined)
  const connected = Promise.withResolvers<void>()
  const fail = (code: TroubleCode, reason: string) => {
    connected.reject(new SourceTrouble('source_unreachable', `no tunnel through ${host}:${port} (${reason})`))
    gone.reject(new SourceTrouble(code, `the tunnel through ${host}:${port} is lost (${reason})`))
  }
  client.on('connected', () => connected.resolve())
  client.on('error', (error) => fail('source_silent', error.message))
  client.on('disconnected', (reason) => fail('source_lost', reason))
  client.on('indication', (packet, isEcho) => {
    const { npdu, dstAddress } = packet.cEMIMessage
    // What we send ourselves comes back as if somebody had sent it.
    if (!isEcho && (npdu.isGroupWrite || npdu.isGroupResponse))
      hear({ group: dstAddress.toString(), bytes: npdu.dataValue })
  })
  const timer = setTimeout(() => fail('source_silent', `no answer within ${timeoutMs} ms`), timeoutMs)
  const give = () => connected.reject(signal.reason)
  signal.addEventListener('abort', give, { once: true })
  try {
    client.Connect()
    await connected.promise
  } catch (error) {
    await close(client)
    throw error
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', give)
  }
  const guarded = (work: () => void) => {
    try {
      work()
    } catch (cause) {
      throw new SourceTrouble('source_lost', cause instanceof Error ? cause.message : String(cause), { cause })
    }
  }
  return {
    gone: gone.promise,
    ask: (group) => guarded(() => client.read(group)),
    send: (group, { bytes, bits }) => guarded(() => client.writeRaw(group, bytes, bits)),
    [Symbol.asyncDispose]: () => close(client),
  }
}

async function close(client: KNXClient): Promise<void> {
  const late = Promise.withResolvers<void>()
  const timer = setTimeout(late.resolve, CLOSE_TIMEOUT_MS)
  await Promise.race([client.Disconnect().catch(() => undefined), late.promise])
  clearTimeout(timer)
}
