/**
 * Ask device: asks a device something over its link, whichever hub of the database has it. Where that is another one, the question and its
 * bytes go there, and the answer comes back; it ends as it would here, and also when that hub is gone.
 */

import { Readable } from 'node:stream'
import { COMMAND_BYTES_MAX, CommandAnswer, type CommandKind } from '@skerry/contract/devices/device-command'
import type { DeviceId } from '@skerry/contract/values/ids'
import * as z from 'zod'
import type { Member } from '../cluster/attendance.ts'
import type { Hub } from '../hub.ts'
import type { PeerAnswer } from '../peers/peer-line.ts'
import { refusalIn, unreachedWords } from '../peers/peers.ts'
import type { Answered, Question } from './command-board.ts'
import { readBytes, sizeOf } from './command-bytes.ts'
import { FAILURES, type Failure } from './command-failure.ts'
import { ANSWER_HEADER, COMMAND_HEADER, fromHeader, inHeader, PAYER_HEADER } from './peer-command-routes.ts'

type Given<Kind extends CommandKind> = (Answered<Kind> | Failure) & Disposable

/** How often it is looked whether the other hub is still there: one whose machine lost its power says nothing. */
const LOOK_MS = 2_000

/** The other hub counts from when it has the question, and says itself that the time is over. */
const SLACK_MS = 2_000

/** Asks, and waits for the end. The answer's bytes count until it is disposed. */
export async function askDevice<Kind extends CommandKind>(
  hub: Hub,
  deviceId: DeviceId,
  question: Question<Kind>,
  signal: AbortSignal,
): Promise<Given<Kind>> {
  if (!hub.cluster.isShared) return hub.commands.ask(deviceId, question, signal)
  const ended = AbortSignal.any([signal, hub.signal])
  try {
    const given = await askWhoHolds(hub, deviceId, question, ended)
    // It has just gone to another hub: that is looked for once more, and nobody is asked a third time.
    return given === 'moved' ? orUnreachable(await askWhoHolds(hub, deviceId, question, ended)) : given
  } catch (error) {
    if (!ended.aborted) throw error
    return failed(hub.signal.aborted ? 'hub_unavailable' : 'command_cancelled')
  }
}

async function askWhoHolds<Kind extends CommandKind>(
  hub: Hub,
  deviceId: DeviceId,
  question: Question<Kind>,
  signal: AbortSignal,
): Promise<Given<Kind> | 'moved'> {
  const here = hub.commands.connectedForMs(deviceId)
  const { holder, unreached } = await hub.peers.withDevice(deviceId, here, signal)
  if (holder) return forward({ hub, holder, deviceId, question }, signal)
  if (here === undefined && unreached.length > 0) return failed('hub_peer_unreachable', unreachedWords(unreached))
  return hub.commands.ask(deviceId, question, signal)
}

const orUnreachable = <Kind extends CommandKind>(given: Given<Kind> | 'moved'): Given<Kind> =>
  given === 'moved' ? failed('device_unreachable', 'the device is moving from one hub to another; try again') : given

type Forward<Kind extends CommandKind> = { hub: Hub; holder: Member; deviceId: DeviceId; question: Question<Kind> }

async function forward<Kind extends CommandKind>(
  way: Forward<Kind>,
  signal: AbortSignal,
): Promise<Given<Kind> | 'moved'> {
  const { hub, holder, deviceId, question } = way
  const { kind, payer, body = [], timeoutMs } = question
  using leases = new DisposableStack()
  const place = hub.commands.takePlace()
  const lease = hub.commands.budget.reserve(sizeOf(body), payer)
  for (const each of [place, lease]) if (each) leases.use(each)
  if (!place || !lease) return failed('hub_busy')
  const id = hub.ids.command()
  const command = { ...question.command, id, kind, expiresInMs: timeoutMs }
  const request = {
    method: 'POST' as const,
    path: `/peer/devices/${deviceId}/commands`,
    isOnce: true,
    headers: { [COMMAND_HEADER]: inHeader(command), [PAYER_HEADER]: payer },
    content: { length: sizeOf(body), stream: Readable.from(body, { objectMode: false }) },
  }
  using limits = limit(hub, holder, timeoutMs)
  try {
    const waiting = AbortSignal.any([signal, limits.signal])
    const answer = await hub.peers.send(holder, request, waiting)
    if (!answer.ok) return await lost(way, answer)
    if (answer.status !== 200) return await refusal(holder, answer)
    return await readAnswer(way, answer, { leases, signal: waiting })
  } catch (error) {
    signal.throwIfAborted()
    if (limits.end) return limits.end
    throw error
  }
}

/** Everything that ends it besides its answer and whoever asked. */
function limit(hub: Hub, { hubId }: Member, timeoutMs: number) {
  const over = new AbortController()
  const stop = new AbortController()
  const limits = {
    signal: over.signal,
    end: undefined as (Failure & Disposable) | undefined,
    [Symbol.dispose]: () => stop.abort(),
  }
  const end = (failure: Failure & Disposable) => {
    limits.end ??= failure
    over.abort(new DOMException('no caller waits any more', 'AbortError'))
  }
  const after = (ms: number, run: () => void) => void hub.clock.sleep(ms, stop.signal).then(run, () => undefined)
  after(timeoutMs + SLACK_MS, () => end(failed('command_timeout')))
  const look = async () => {
    // A database that is away says nothing of the other hub.
    const isThere = await hub.peers.isPresent(hubId).catch(() => true)
    if (!isThere) return end(failed('device_unreachable', GONE))
    after(LOOK_MS, () => void look())
  }
  after(LOOK_MS, () => void look())
  return limits
}

const GONE =
  'the hub of the device ended before the device answered; the device connects to another hub within seconds: try again'

/** There is no answer, nor will there be one. */
async function lost<Kind extends CommandKind>(
  { hub, holder }: Forward<Kind>,
  { wasSent, message }: { wasSent: boolean; message: string },
): Promise<Failure & Disposable> {
  if (wasSent || !(await hub.peers.isPresent(holder.hubId))) return failed('device_unreachable', GONE)
  return failed('hub_peer_unreachable', unreachedWords([{ member: holder, message }]))
}

const Code = z.enum(FAILURES)

/** What the other hub says instead of an answer. */
async function refusal(
  holder: Member,
  answer: Extract<PeerAnswer, { ok: true }>,
): Promise<(Failure & Disposable) | 'moved'> {
  const { code, message } = await refusalIn(answer)
  if (code === 'device_unknown') return 'moved'
  const known = Code.safeParse(code)
  if (known.success) return failed(known.data, message)
  return failed(
    'command_failed',
    `the hub ${holder.hubId}, to which the device is connected, answered ${answer.status} ${code}: ${message}`,
  )
}

type Reading = { leases: DisposableStack; signal: AbortSignal }

async function readAnswer<Kind extends CommandKind>(
  { hub, holder, question }: Forward<Kind>,
  { headers, stream }: Extract<PeerAnswer, { ok: true }>,
  { leases, signal }: Reading,
): Promise<Given<Kind>> {
  const length = Number(headers['content-length'] ?? Number.NaN)
  const answer = CommandAnswer.safeParse(fromHeader(headers[ANSWER_HEADER]))
  if (!(length <= COMMAND_BYTES_MAX) || answer.data?.kind !== question.kind) {
    stream.destroy()
    return failed(
      'command_failed',
      `the answer of the hub ${holder.hubId} cannot be read; check that all hubs have the same version`,
    )
  }
  const lease = hub.commands.budget.reserve(length, question.payer)
  if (!lease) {
    stream.destroy()
    return failed('hub_busy')
  }
  leases.use(lease)
  const body = await readBytes(stream, length, signal).catch(() => undefined)
  signal.throwIfAborted()
  if (!body) return failed('device_unreachable', GONE)
  const held = leases.move()
  return { ok: true, answer: answer.data, body, [Symbol.dispose]: () => held.dispose() } as Given<Kind>
}

const failed = (code: Failure['code'], message?: string): Failure & Disposable => ({
  ok: false,
  code,
  ...(message && { message }),
  [Symbol.dispose]: () => undefined,
})
