/**
 * Command board: the open commands to devices, in memory only. The caller waits, and repeats its call if the hub ended.
 * Each stream of a device sends all open commands of the device, so a link that breaks and returns loses nothing. A
 * command ends once: by its answer, its timeout, the loss of its caller or device, or the end of the hub.
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

/** A device computes one command at a time. More than a few pending ones would all be late. */
export const COMMANDS_PER_DEVICE_MAX = 4

/** Each command is an open request. This is far more than the people and programs of one hub send at once. */
const COMMANDS_MAX = 256

/**
 * The largest command takes 32 MiB, and its answer 32 MiB. An organisation alone gets half of this limit, which is room
 * for one of these and some smaller ones.
 */
const BYTES_AT_ONCE_MAX = 192 * 1024 * 1024

/**
 * An agent requests its commands right after its first report. An agent that has not done so by then is too old to
 * support commands.
 */
const FOLLOW_MS = 5_000

/**
 * Commands that act on equipment. A device that comes back may be a new process, which does not know the actions before
 * its start.
 */
const ONCE: ReadonlySet<CommandKind> = new Set(['write-tag'])

export type Question<Kind extends CommandKind> = {
  kind: Kind
  /** The organisation to whose share the bytes count. */
  payer: OrganisationId
  /** The command for the device, without id, kind and time. */
  command: Omit<CommandOf<Kind>, 'id' | 'kind' | 'expiresInMs'>
  /** The bytes that belong to the command. */
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
  /** Fires when the command has ended. */
  readonly ended: AbortSignal
  /** Stores the bytes of the answer; earlier bytes are discarded. */
  deposit(bytes: Uint8Array, lease: ByteLease): void
}

export type CommandBoard = {
  readonly budget: ByteBudget
  /** A device is connected until the returned function is called. It may have several connections at once. */
  arrive(deviceId: DeviceId): () => void
  /** The age of the device's newest connection; undefined if it has none. */
  connectedForMs(deviceId: DeviceId): number | undefined
  /** Sends a command, and waits for its end. The answer's bytes count until it is disposed. */
  ask<Kind extends CommandKind>(
    deviceId: DeviceId,
    question: Question<Kind>,
    signal: AbortSignal,
  ): Promise<(Answered<Kind> | Failure) & Disposable>
  /** Sends the device's commands, beginning with all open ones, until the returned object is disposed. */
  follow(deviceId: DeviceId, kinds: readonly string[], tell: (message: CommandMessage) => void): Disposable
  /** Takes a place among the open commands for a command of another hub; undefined if no place is free. */
  takePlace(): Disposable | undefined
  find(id: CommandId): OpenCommand | undefined
  /** True if the answer ended a command of that device. */
  settle(deviceId: DeviceId, answer: CommandAnswer): boolean
}

type End = Failure | { ok: true; answer: CommandAnswer; body: Uint8Array }

type Waiting = OpenCommand & {
  kind: CommandKind
  message: CommandMessage
  expiresAtMs: number
  isTold: boolean
  /** The bytes of the answer. */
  bytes: Uint8Array
  end(how: End): void
}

type Listener = Follower & { tell(message: CommandMessage): void }

type Presence = { connections: number; arrivedAtMs: number; followers: Set<Listener> }

type BoardDeps = { clock: Clock; nextId: () => CommandId; signal: AbortSignal }

type Board = BoardDeps & {
  budget: ByteBudget
  open: Map<CommandId, Waiting>
  /** Places that commands of other hubs take. */
  passedOn: Set<Disposable>
  present: Map<DeviceId, Presence>
}

/** Creates an empty board. Every command on it ends when the signal fires. */
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
  // The answer has the kind of its command, because endOf checks it.
  const end = (await promise) as Answered<Kind> | Failure
  const held = leases.move()
  return { ...end, [Symbol.dispose]: () => held.dispose() }
}

/** The reason why the command cannot be sent at all. */
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

/** Until the device has reported its supported kinds, the command may be sent. */
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

/** All causes that end a command before its answer. */
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

/** Converts an answer to the result for the caller. */
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
