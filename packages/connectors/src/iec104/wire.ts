/** IEC 104 wire: a connection whose data transfer has been started, kept alive and watched as the link decides. */
import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import { SourceTrouble, type TroubleCode } from '@skerry/connectors/session'
import type { Iec104Connection } from '@skerry/contract/sources/protocols/source-iec104'
import type { Clock } from '@skerry/platform/process/clock'
import { untilLost } from '@skerry/platform/process/until-lost'
import { type Apdu, encodeApdu, takeApdus } from './apdu.ts'
import { type Asdu, decodeAsdu } from './asdu.ts'
import { canSend, hearApdu, type Link, type LinkStep, newLink, order, sendAsdu, tick } from './link.ts'

/** The timers are whole seconds. */
const TICK_MS = 100

/** A station that is told to stop says so at once, or is no longer there. */
const STOP_TIMEOUT_MS = 500

export type Wire = AsyncDisposable & {
  /** Waits for room in the window. */
  send(asdu: Uint8Array, signal: AbortSignal): Promise<void>
  /** Rejects when the connection is no good any more. */
  gone: Promise<never>
  /** Holds the station back, and lets it go on. */
  pause(): void
  resume(): void
}

type Wiring = {
  clock: Clock
  link: Link
  socket: Socket
  gone: PromiseWithResolvers<never>
  stop: AbortController
  hear: (asdu: Asdu) => void
}

/** Connects and starts data transfer. What the station tells goes to `hear`. Throws `SourceTrouble`. */
export async function openWire(
  connection: Iec104Connection,
  { clock, hear }: { clock: Clock; hear: (asdu: Asdu) => void },
  signal: AbortSignal,
): Promise<Wire> {
  const socket = await connect(connection, signal)
  const gone = Promise.withResolvers<never>()
  gone.promise.catch(() => undefined)
  const link = newLink(connection, clock.monotonicMs())
  const it: Wiring = { clock, link, socket, gone, stop: new AbortController(), hear }
  listen(it)
  void watch(it)
  const close = () => closeWiring(it)
  try {
    act(it, order(link, 'startdt_act', clock.monotonicMs()))
    await untilLink(it, () => link.isStarted, signal)
  } catch (error) {
    await close()
    throw error
  }
  return {
    gone: gone.promise,
    async send(asdu, waiting) {
      await untilLink(it, () => canSend(link), waiting)
      act(it, sendAsdu(link, asdu, clock.monotonicMs()))
    },
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    [Symbol.asyncDispose]: close,
  }
}

async function connect({ host, port, t0Seconds }: Iec104Connection, signal: AbortSignal): Promise<Socket> {
  const socket = createConnection({ host, port, noDelay: true })
  socket.on('error', () => undefined)
  const limited = AbortSignal.any([signal, AbortSignal.timeout(t0Seconds * 1_000)])
  try {
    await once(socket, 'connect', { signal: limited })
    return socket
  } catch (cause) {
    socket.destroy()
    signal.throwIfAborted()
    const reason = limited.aborted ? `no answer within ${t0Seconds} s` : reasonOf(cause)
    throw new SourceTrouble('source_unreachable', `cannot connect to ${host}:${port} (${reason})`, { cause })
  }
}

const reasonOf = (cause: unknown) =>
  cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : String(cause)

function listen(it: Wiring): void {
  let rest = new Uint8Array()
  it.socket.on('data', (bytes: Uint8Array) => {
    try {
      const taken = takeApdus(Uint8Array.from([...rest, ...bytes]))
      rest = Uint8Array.from(taken.rest)
      for (const apdu of taken.apdus) act(it, hearApdu(it.link, apdu, it.clock.monotonicMs()))
    } catch (cause) {
      fail(it, 'source_lost', cause instanceof Error ? cause.message : String(cause))
    }
  })
  it.socket.on('close', () => fail(it, 'source_lost', 'the station closed the connection'))
}

async function watch(it: Wiring): Promise<void> {
  const { signal } = it.stop
  while (!signal.aborted) {
    await it.clock.sleep(TICK_MS, signal).catch(() => undefined)
    if (!signal.aborted) act(it, tick(it.link, it.clock.monotonicMs()), 'source_silent')
  }
}

function act(it: Wiring, step: LinkStep, code: TroubleCode = 'source_lost'): void {
  if (it.stop.signal.aborted) return
  if (step.trouble !== undefined) fail(it, code, step.trouble)
  for (const apdu of step.send) write(it, apdu)
  if (step.deliver) it.hear(decodeAsdu(step.deliver))
}

const write = ({ socket }: Wiring, apdu: Apdu) => void socket.write(encodeApdu(apdu))

function fail(it: Wiring, code: TroubleCode, reason: string): void {
  it.stop.abort()
  it.socket.destroy()
  it.gone.reject(new SourceTrouble(code, reason))
}

/** Looks again at every tick: what it waits for is seldom, and soon there. */
async function untilLink(it: Wiring, isSo: () => boolean, signal: AbortSignal): Promise<void> {
  while (!isSo()) await untilLost(it.clock.sleep(TICK_MS / 10, signal), it.gone.promise)
}

async function closeWiring(it: Wiring): Promise<void> {
  if (!it.stop.signal.aborted && it.link.isStarted) {
    act(it, order(it.link, 'stopdt_act', it.clock.monotonicMs()))
    const limited = AbortSignal.timeout(STOP_TIMEOUT_MS)
    await untilLink(it, () => !it.link.isStarted, limited).catch(() => undefined)
  }
  it.stop.abort()
  it.socket.destroy()
}
