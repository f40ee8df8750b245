/** Procedures that read flows and sources of a device, once, or every second while the caller watches. */
import type { LookSubject } from '@skerry/contract/devices/device-command'
import { Look, type LookAway } from '@skerry/contract/hub/look'
import { knownDevice } from '../../devices/device-handlers.ts'
import type { DeviceRow } from '../../devices/device-store.ts'
import type { KeyCall } from '../../http/call.ts'
import { os } from '../../http/implementer.ts'
import { problem } from '../../http/problem.ts'
import type { Hub } from '../../hub.ts'
import { placeOf } from '../../watch/watch-levels.ts'
import { parseAnswer } from '../answer-json.ts'
import { askDevice } from '../ask-device.ts'
import type { Failure } from '../command-failure.ts'
import { refuseWiping } from '../source-command-handlers.ts'

/** A device answers in a moment. If it does not, the missing answer tells more than an answer half a minute old. */
const LOOK_TIMEOUT_MS = 10_000

export const flowLookHandlers = {
  look: os.flow.look.handler(async ({ context, input: { device, flow }, signal }) => {
    const it = await lookingAt(context, device, { kind: 'flow', name: flow })
    return { device: it.row.name, ...flowIn(await lookNow(it, signal)) }
  }),
  watch: os.flow.watch.handler(async ({ context, input: { device, flow }, signal }) => {
    const it = await lookingAt(context, device, { kind: 'flow', name: flow })
    return watchOn(it, await firstLook(it, signal), flowIn, signal)
  }),
}

export const sourceLookHandlers = {
  look: os.source.look.handler(async ({ context, input: { device, source, tags }, signal }) => {
    const it = await lookingAt(context, device, { kind: 'source', name: source, ...(tags && { tags }) })
    return { device: it.row.name, ...sourceIn(await lookNow(it, signal)) }
  }),
  watch: os.source.watch.handler(async ({ context, input: { device, source, tags }, signal }) => {
    const it = await lookingAt(context, device, { kind: 'source', name: source, ...(tags && { tags }) })
    return watchOn(it, await firstLook(it, signal), sourceIn, signal)
  }),
}

type Looking = { call: KeyCall; row: DeviceRow; at: LookSubject }

async function lookingAt(call: KeyCall, device: string, at: LookSubject): Promise<Looking> {
  const row = await knownDevice(call.hub.store.db, call.organisationId, device)
  refuseWiping(row)
  return { call, row, at }
}

type Given = { ok: true; look: Look } | Failure

type Device = Pick<DeviceRow, 'id' | 'organisation_id'>

async function askLook(
  hub: Hub,
  { id, organisation_id }: Device,
  at: LookSubject,
  signal: AbortSignal,
): Promise<Given> {
  const question = { kind: 'look' as const, payer: organisation_id, command: { at }, timeoutMs: LOOK_TIMEOUT_MS }
  using given = await askDevice(hub, id, question, signal)
  if (!given.ok) return { ok: false, code: given.code, ...(given.message !== undefined && { message: given.message }) }
  const look = readLook(given.body)
  return look?.kind === at.kind ? { ok: true, look } : UNREADABLE
}

const UNREADABLE: Failure = {
  ok: false,
  code: 'command_failed',
  message: 'the answer of the device cannot be read; check that the versions of hub and agent fit together',
}

const readLook = (bytes: Uint8Array): Look | undefined => Look.safeParse(parseAnswer(bytes)).data

/** Throws the reason if there is no answer. */
async function lookNow({ call: { hub }, row, at }: Looking, signal: AbortSignal | undefined): Promise<Look> {
  const given = await askLook(hub, row, at, signal ?? hub.signal)
  if (!given.ok) throw problem(given.code, given.message)
  return given.look
}

const keyOf = ({ row, at }: Looking) => `${row.id} ${JSON.stringify(at)}`

/** Runs before the stream begins, so that an unknown flow is a 404 and not a broken stream. */
const firstLook = (it: Looking, signal: AbortSignal | undefined) =>
  it.call.hub.looks.newest(keyOf(it)) ?? lookNow(it, signal)

/** The answer has the kind of its command, because askLook checks it. */
const lookOf =
  <Kind extends Look['kind']>(kind: Kind) =>
  (look: Look): Extract<Look, { kind: Kind }> => {
    const isOf = (each: Look): each is Extract<Look, { kind: Kind }> => each.kind === kind
    if (!isOf(look)) throw new Error(`${look.kind} is not a ${kind}`)
    return look
  }

const flowIn = lookOf('flow')
const sourceIn = lookOf('source')

/** Ends when the caller disconnects, or may no longer call. */
async function* watchOn<Kind extends Look>(
  it: Looking,
  first: Look,
  read: (look: Look) => Kind,
  signal: AbortSignal | undefined,
): AsyncGenerator<(Kind & { device: string }) | LookAway, void> {
  const { call, row, at } = it
  const { hub, organisationId } = call
  const wish = { key: keyOf(it), organisationId, ask: (until: AbortSignal) => askOnce(hub, row, at, until) }
  using _place = placeOf(call)
  using watching = hub.looks.watch(wish)
  if (!watching) throw problem('watchers_full')
  yield { device: row.name, ...read(first) }
  const ended = AbortSignal.any([hub.signal, ...(signal ? [signal] : [])])
  let away: string | undefined
  // A stream that stays open for days must end with its key or session, as every other call does.
  while (await call.isStillGood()) {
    const event = await watching.next(ended)
    if (!event) return
    const isKnown = event.kind === 'away' && event.code === away
    away = event.kind === 'away' ? event.code : undefined
    if (isKnown) continue
    yield event.kind === 'away' ? event : { device: row.name, ...read(event) }
  }
}

/**
 * A device takes four commands at a time. A caller that reads every second sometimes meets a busy device, which is not
 * worth an event.
 */
const BUSY: ReadonlySet<string> = new Set(['device_busy', 'hub_busy'])
const BUSY_TRIES_MAX = 4
const BUSY_WAIT_MS = 200

async function askPatiently(hub: Hub, device: Device, at: LookSubject, signal: AbortSignal): Promise<Given> {
  for (let tries = 1; ; tries += 1) {
    const given = await askLook(hub, device, at, signal)
    if (given.ok || !BUSY.has(given.code) || tries >= BUSY_TRIES_MAX) return given
    await hub.clock.sleep(BUSY_WAIT_MS, signal)
  }
}

async function askOnce(hub: Hub, device: Device, at: LookSubject, signal: AbortSignal): Promise<Look | LookAway> {
  const given = await askPatiently(hub, device, at, signal).catch((error: unknown): Failure => {
    signal.throwIfAborted()
    hub.log.error('look_failed', { deviceId: device.id, ...at, error })
    return { ok: false, code: 'hub_unavailable' }
  })
  if (given.ok) return given.look
  const { code, message } = problem(given.code, given.message)
  return { kind: 'away', code, message, atMs: hub.clock.nowMs() }
}
