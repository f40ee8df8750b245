/**
 * Simulated link: the agent's connection over a lossy network, in place of a socket. A question or its answer may be lost or come twice, and late
 * ones still arrive when the connection is long over; whoever waits for an answer gives up in the end, as the agent does. A connection may fall
 * silent: then the agent finds out by an answer that does not come, and the hub by a ping that is not answered.
 */
import type { ConnectResult, connectLink } from '@skerry/agent/link/link-connection'
import type { LinkClient } from '@skerry/agent/link/signed-streams'
import type { JobMessage, JobResult } from '@skerry/contract/batches/job'
import type { DesiredDocument } from '@skerry/contract/devices/desired'
import type { WipeOrder } from '@skerry/contract/link/link'
import type { DeviceId } from '@skerry/contract/values/ids'
import type { Line, LossyNetwork } from '@skerry/testkit/faults/lossy-network'
import type { HubDoor, HubLife } from '../../apps/hub/test/stage/hub-life.ts'

export type SimulatedLinkDeps = {
  deviceId: DeviceId
  network: LossyNetwork
  after(ms: number, work: () => void): () => void
  random: () => number
  /** The hub that is running now; none while it is down. */
  hub(): HubLife | undefined
  /** Documents that were sent to the device, in whatever connection. */
  past: DesiredDocument[]
}

/** [agent, CONNECT_TIMEOUT_MS, ANSWER_TIMEOUT_MS] */
const PATIENCE_MS = 30_000

/** [hub, PING_MS] Whoever has not answered the ping before is cut off at the next. */
const PING_MS = 30_000

/** A hub that dies with its machine sends no word; one whose process is killed does, by its operating system. */
const SILENT_DEATHS = 0.3

type Connecting = SimulatedLinkDeps & { line: Line }

/** In place of the agent's `connectLink`. */
export function simulatedConnect(deps: SimulatedLinkDeps): typeof connectLink {
  return async (_, signal): Promise<ConnectResult> => {
    const connecting = { ...deps, line: deps.network.line(deps.deviceId) }
    try {
      const accepted = await ask(
        connecting,
        () => deps.hub(),
        (life) => life.accept(deps.deviceId),
        signal,
      )
      return accepted.ok ? { ok: true, connection: connectionOf(connecting, accepted.door) } : accepted
    } catch (error) {
      signal.throwIfAborted()
      return { ok: false, code: 'hub_unreachable', message: String(error) }
    }
  }
}

function connectionOf(deps: Connecting, door: HubDoor) {
  const { line, random } = deps
  const closed = new AbortController()
  let reason: string | undefined
  const close = (why?: string) => {
    reason ??= why
    closed.abort(new Error(why ?? 'the connection ended'))
  }
  const isSilent = random() < SILENT_DEATHS
  const hearEnd = () => {
    if (!(isSilent && door.reason() === undefined))
      line.send(
        () => close(door.reason()),
        () => close(),
      )
  }
  // A question that came twice has opened two doors, and the hub has closed the first already.
  if (door.closed.aborted) hearEnd()
  else door.closed.addEventListener('abort', hearEnd)
  pingFrom(deps, door)
  const client = {
    report: (report: Parameters<LinkClient['report']>[0], options?: { signal?: AbortSignal }) =>
      ask(
        deps,
        () => door,
        ({ client: hub }) => hub.report(structuredClone(report)),
        any(closed.signal, options?.signal),
      ),
    desired: async (_: object, options?: { signal?: AbortSignal }) =>
      followStream<DesiredDocument>(
        { line, close },
        (send, lost) => {
          sayOld(deps, send)
          pour(door, lost, (fail) => door.follow({ send: remember(deps, send), fail }))
        },
        any(closed.signal, options?.signal),
      ),
    jobs: async (asked: { kinds: string[] }, options?: { signal?: AbortSignal }) =>
      followStream<JobMessage | WipeOrder>(
        { line, close },
        (send, lost) => pour(door, lost, (fail) => door.followJobs(asked.kinds, { send, fail })),
        any(closed.signal, options?.signal),
      ),
    jobDone: (result: JobResult, options?: { signal?: AbortSignal }) =>
      ask(
        deps,
        () => door,
        ({ client: hub }) => hub.jobDone(structuredClone(result)),
        any(closed.signal, options?.signal),
      ),
  }
  return {
    client: client as unknown as LinkClient,
    closed: closed.signal,
    reason: () => reason,
    [Symbol.dispose]() {
      close()
      // The hub may never hear that the device has gone.
      line.send(() => door.close())
    },
  }
}

const any = (one: AbortSignal, other: AbortSignal | undefined) => (other ? AbortSignal.any([one, other]) : one)

/** A hub that lost its memory says what it said long ago. */
const OLD_SAID = 0.15
/** More is further back than a backup. */
const PAST_MAX = 8

function sayOld({ past, random }: Connecting, send: (document: DesiredDocument) => void): void {
  const old = random() < OLD_SAID ? past[Math.floor(random() * past.length)] : undefined
  if (old) send(old)
}

const remember =
  ({ past }: Connecting, send: (document: DesiredDocument) => void) =>
  (document: DesiredDocument) => {
    past.push(document)
    if (past.length > PAST_MAX) past.shift()
    send(document)
  }

/** The hub's side of a line that has fallen silent ends between one ping and two after that. */
function pingFrom({ line, after }: Connecting, door: HubDoor): void {
  let wasSilent = false
  let callOff = () => {}
  const ping = () => {
    if (wasSilent) return door.close()
    wasSilent = line.isSilent()
    callOff = after(PING_MS, ping)
  }
  ping()
  door.closed.addEventListener('abort', () => callOff())
}

/** Each arrival of the question is answered; the first answer that comes back counts. Who is not there any more answers nothing. */
function ask<Place, Answer>(
  { line, after }: Connecting,
  place: () => Place | undefined,
  answer: (place: Place) => Promise<Answer>,
  signal: AbortSignal,
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  if (signal.aborted) reject(signal.reason)
  const giveUp = () => reject(signal.reason)
  const callOff = after(PATIENCE_MS, () => reject(new Error('no answer in time')))
  signal.addEventListener('abort', giveUp, { once: true })
  line.send(() => {
    const found = place()
    if (found === undefined) return line.send(() => reject(new Error('nobody listens there')))
    return answer(found).then(
      (value) => line.send(() => resolve(value)),
      (error) => line.send(() => reject(error)),
    )
  })
  return promise.finally(() => {
    callOff()
    signal.removeEventListener('abort', giveUp)
  })
}

type Begin<Message> = (send: (message: Message) => void, lost: () => void) => void

/** A stream loses nothing in its middle: where a part of it is lost, the connection ends. Its messages may come twice, and overtake each other. */
async function* followStream<Message>(
  { line, close }: { line: Line; close(why?: string): void },
  begin: Begin<Message>,
  signal: AbortSignal,
): AsyncGenerator<Message> {
  const arrived: Message[] = []
  let stir = () => {}
  signal.addEventListener('abort', () => stir(), { once: true })
  const lost = () => close()
  const bring = (message: Message) => {
    arrived.push(structuredClone(message))
    stir()
  }
  line.send(() => begin((message) => line.send(() => bring(message), lost), lost), lost)
  while (!signal.aborted) {
    const message = arrived.shift()
    if (message) yield message
    else
      await new Promise<void>((resolve) => {
        stir = resolve
      })
  }
  throw signal.reason
}

function pour(door: HubDoor, lost: () => void, follow: (fail: () => void) => void): void {
  const fail = () => {
    if (!door.closed.aborted) lost()
  }
  try {
    follow(fail)
  } catch {
    fail()
  }
}
