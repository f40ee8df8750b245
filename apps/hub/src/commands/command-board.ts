/**
 * Command board: what is being asked of devices right now. In memory only: whoever asks waits, and asks again where the hub went away.
 * A device's streams are told everything that waits for it, so a link that breaks and comes back loses nothing; a command ends once: by
 * its answer, its time, its caller's leaving, its device's leaving, or the hub's end.
 */
import type {
  AnswerOf,
  CommandAnswer,
  CommandKind,
  CommandMessage,
  CommandOf,
} from '@skerry/contract/devices/device-command'
import type { CommandId, DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import type { Clock } from '@skerry/platform/process/clock'
import { type ByteBudget, type ByteLease, createByteBudget } from './byte-budget.ts'
import { type Failure, RETURNED } from './command-failure.ts'
import { createFollower, type Follower } from './command-follower.ts'

/** A device computes one thing at a time; more than a few that wait would all be late. */
export const COMMANDS_PER_DEVICE_MAX = 4

/** Each is a request that is held open; far more than the people and programs of one hub ask at once. */
const COMMANDS_MAX = 256

/** The largest question takes 32 MiB and its answer 32: the share of an organisation that is alone, half of this, holds one and smaller ones. */
const BYTES_AT_ONCE_MAX = 192 * 1024 * 1024

/** An agent asks for its commands right after its first report. One that has not by then is of a time before there were any. */
const FOLLOW_MS = 5_000

/** What acts on equipment: a device that is back may be another process, which does not know what was done before it began. */
const ONCE: ReadonlySet<CommandKind> = new Set(['write-tag'])

export type Question<Kind extends CommandKind> = {
  kind: Kind
  /** The organisation whose share of the bytes it takes. */
  payer: OrganisationId
  /** What the device is told, beside id, kind and time. */
  command: Omit<CommandOf<Kind>, 'id' | 'kind' | 'expiresInMs'>
  /** The bytes that go with it. */
  body?: readonly Uint8Array[]
  timeoutMs: number
}

export type Answered<Kind extends CommandKind> = { ok: true; answer: AnswerOf<Kind>; body: Uint8Array }

/** A command that has not ended. */
export type OpenCommand = {
  readonly id: CommandId
  readonly deviceId: DeviceId
  readonly payer: OrganisationId
  readonly body: readonly Uint8Array[]
  /** Fires when it ends. */
  readonly ended: AbortSignal
  /** Keeps the bytes of the answer; what they had before is forgotten. */
  deposit(bytes: Uint8Array, lease: ByteLease): void
}

export type CommandBoard = {
  readonly budget: ByteBudget
  /** A device is connected, until what is given back is called. It may be so several times at once. */
  arrive(deviceId: DeviceId): () => void
  /** Since when the device's newest connection is open; undefined where it has none. */
  connectedForMs(deviceId: DeviceId): number | undefined
  /** Asks, and waits for the end. The answer's bytes count until it is disposed. */
  ask<Kind extends CommandKind>(
    deviceId: DeviceId,
    question: Question<Kind>,
    signal: AbortSignal,
  ): Promise<(Answered<Kind> | Failure) & Disposable>
  /** Tells what the device is asked, from everything that waits on; until what is given back is disposed. */
  follow(deviceId: DeviceId, kinds: readonly string[], tell: (message: CommandMessage) => void): Disposable
  /** A place among all that is asked at once, for a question that another hub asks; undefined where there is none. */
  takePlace(): Disposable | undefined
  find(id: CommandId): OpenCommand | undefined
  /** True where it ended a command of that device. */
  settle(deviceId: DeviceId, answer: CommandAnswer): boolean
}

type End = Failure | { ok: true; answer: CommandAnswer; body: Uint8Array }

type Waiting = OpenCommand & {
  kind: CommandKind
  message: CommandMessage
  expiresAtMs: number
  isTold: boolean
  /** What the answer brought along. */
  bytes: Uint8Array
  end(how: End): void
}

type Listener = Follower & { tell(message: CommandMessage): void }

type Presence = { connections: number; arrivedAtMs: number; followers: Set<Listener> }

type BoardDeps = { clock: Clock; nextId: () => CommandId; signal: AbortSignal }

type Board = BoardDeps & {
  budget: ByteBudget
  open: Map<CommandId, Waiting>
  /** How many other hubs ask for this one. */
  passedOn: Set<Disposable>
  present: Map<DeviceId, Presence>
}

/** An empty board. Everything on it ends when the signal fires. */
export function createCommandBoard(deps: BoardDeps): CommandBoard {
  const board: Board = {
    ...deps,
    budget: createByteBudget(BYTES_AT_ONCE_MAX),
    open: new Map(),
    passedOn: new Set(),
    present: new Map(),
  }
  return {
    budget: board.budget,
    arrive: (deviceId) => arrive(board, deviceId),
    connectedForMs(deviceId) {
      const presence = board.present.get(deviceId)
      return presence?.connections ? board.clock.monotonicMs() - presence.arrivedAtMs : undefined
    },
    ask: (deviceId, question, signal) => ask(board, deviceId, question, signal),
    follow: (deviceId, kinds, tell) => follow(board, deviceId, kinds, tell),
    takePlace: () => (hasPlace(board) ? placeOn(board) : undefined),
    find: (id) => board.open.get(id),
    settle(deviceId, answer) {
      const command = board.open.get(answer.id)
      if (command?.deviceId !== deviceId) return false
      command.end(endOf(command, answer))
      return true
    },
  }
}

function arrive(board: Board, deviceId: DeviceId): () => void {
  const arrived = presenceOf(board, deviceId)
  arrived.connections += 1
  arrived.arrivedAtMs = board.clock.monotonicMs()
  return () => {
    const presence = presenceOf(board, deviceId)
    presence.connections -= 1
    const message = 'the device disconnected before it answered; try again when it is back'
    if (presence.connections === 0)
      for (const command of waitingFor(board, deviceId)) command.end({ ok: false, code: 'device_unreachable', message })
    forgetAbsent(board, deviceId)
  }
}

async function ask<Kind extends CommandKind>(
  board: Board,
  deviceId: DeviceId,
  question: Question<Kind>,
  signal: AbortSignal,
): Promise<(Answered<Kind> | Failure) & Disposable> {
  using leases = new DisposableStack()
  const refusal = refusalOf(board, deviceId, question.kind)
  const bytes = (question.body ?? []).reduce((sum, part) => sum + part.byteLength, 0)
  const lease = board.budget.reserve(bytes, question.payer)
  if (lease) leases.use(lease)
  if (refusal || !lease) return { ...(refusal ?? failure('hub_busy')), [Symbol.dispose]: () => {} }
  const { promise, resolve } = Promise.withResolvers<End>()
  const command = put(board, { deviceId, question, leases, resolve })
  limit(board, command, signal)
  // An answer is of the kind of its question: endOf sees to it.
  const end = (await promise) as Answered<Kind> | Failure
  const held = leases.move()
  return { ...end, [Symbol.dispose]: () => held.dispose() }
}

/** Why it cannot even be asked. */
function refusalOf(board: Board, deviceId: DeviceId, kind: CommandKind): Failure | undefined {
  const presence = board.present.get(deviceId)
  if (board.signal.aborted) return failure('hub_unavailable')
  if (!presence?.connections) return failure('device_unreachable')
  if (!mayKnow(presence, kind)) return failure('device_outdated')
  if (waitingFor(board, deviceId).length >= COMMANDS_PER_DEVICE_MAX) return failure('device_busy')
  return hasPlace(board) ? undefined : failure('hub_busy')
}

const hasPlace = ({ open, passedOn }: Board) => open.size + passedOn.size < COMMANDS_MAX

function placeOn({ passedOn }: Board): Disposable {
  const place = { [Symbol.dispose]: () => void passedOn.delete(place) }
  passedOn.add(place)
  return place
}

/** Until it has said what it knows, it may. */
const mayKnow = ({ followers }: Presence, kind: CommandKind) =>
  followers.size === 0 || [...followers].some(({ kinds }) => kinds.has(kind))

type Put = {
  deviceId: DeviceId
  question: Question<CommandKind>
  leases: DisposableStack
  resolve(end: End): void
}

function put(board: Board, { deviceId, question, leases, resolve }: Put): Waiting {
  const id = board.nextId()
  const ended = new AbortController()
  const { kind, payer, body = [], timeoutMs } = question
  const command: Waiting = {
    id,
    deviceId,
    payer,
    kind,
    body,
    message: { ...question.command, id, kind, expiresInMs: timeoutMs } as CommandMessage,
    expiresAtMs: board.clock.monotonicMs() + timeoutMs,
    ended: ended.signal,
    isTold: false,
    bytes: new Uint8Array(),
    deposit(bytes, lease) {
      command.bytes = bytes
      leases.use(lease)
    },
    end(how) {
      if (!board.open.delete(id)) return
      ended.abort()
      wake(board, deviceId)
      resolve(how)
    },
  }
  board.open.set(id, command)
  wake(board, deviceId)
  return command
}

/** Everything that ends a command before it is answered. */
function limit(board: Board, command: Waiting, signal: AbortSignal): void {
  const { clock, present } = board
  const { ended, deviceId, kind } = command
  const after = (ms: number, run: () => void) => void clock.sleep(ms, ended).then(run, () => undefined)
  after(command.expiresAtMs - clock.monotonicMs(), () => command.end(failure('command_timeout')))
  after(FOLLOW_MS, () => {
    const presence = present.get(deviceId)
    const isKnown = presence !== undefined && presence.followers.size > 0 && mayKnow(presence, kind)
    if (!isKnown) command.end(failure('device_outdated'))
  })
  whenAborted(signal, ended, () => command.end(failure('command_cancelled')))
  whenAborted(board.signal, ended, () => command.end(failure('hub_unavailable')))
}

function whenAborted(signal: AbortSignal, until: AbortSignal, run: () => void): void {
  signal.addEventListener('abort', run, { once: true, signal: until })
  if (signal.aborted) run()
}

function follow(
  board: Board,
  deviceId: DeviceId,
  kinds: readonly string[],
  tell: (message: CommandMessage) => void,
): Disposable {
  for (const command of waitingFor(board, deviceId)) if (command.isTold && ONCE.has(command.kind)) command.end(RETURNED)
  const listener = { ...createFollower(kinds), tell }
  presenceOf(board, deviceId).followers.add(listener)
  tellNews(board, deviceId, listener)
  return {
    [Symbol.dispose]() {
      board.present.get(deviceId)?.followers.delete(listener)
      forgetAbsent(board, deviceId)
    },
  }
}

function tellNews(board: Board, deviceId: DeviceId, listener: Listener): void {
  const waiting = waitingFor(board, deviceId).map(({ id, kind, message, expiresAtMs }) => {
    const expiresInMs = Math.max(0, Math.round(expiresAtMs - board.clock.monotonicMs()))
    return { id, kind, message: { ...message, expiresInMs } }
  })
  for (const message of listener.news(waiting)) {
    const command = board.open.get(message.id)
    if (command) command.isTold = true
    listener.tell(message)
  }
}

/** What an answer means to whoever asked. */
function endOf(command: Waiting, answer: CommandAnswer): End {
  if (answer.kind === 'refused') return { ok: false, code: answer.code, message: answer.message }
  if (answer.kind !== command.kind)
    return { ok: false, code: 'command_failed', message: `the device answered with ${answer.kind}; update its agent` }
  return { ok: true, answer, body: command.bytes }
}

const failure = (code: Failure['code']): Failure => ({ ok: false, code })

const waitingFor = ({ open }: Board, deviceId: DeviceId) =>
  [...open.values()].filter((command) => command.deviceId === deviceId)

function wake(board: Board, deviceId: DeviceId): void {
  for (const listener of board.present.get(deviceId)?.followers ?? []) tellNews(board, deviceId, listener)
}

function presenceOf({ present }: Board, deviceId: DeviceId): Presence {
  const presence = present.get(deviceId) ?? { connections: 0, arrivedAtMs: 0, followers: new Set() }
  present.set(deviceId, presence)
  return presence
}

function forgetAbsent({ present }: Board, deviceId: DeviceId): void {
  const presence = present.get(deviceId)
  if (presence && presence.connections === 0 && presence.followers.size === 0) present.delete(deviceId)
}
