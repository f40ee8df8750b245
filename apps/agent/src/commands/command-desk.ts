/**
 * Command desk: carries out the hub's commands to this device, each command once, even if the link breaks. It decides
 * nothing about models or equipment: it passes on a request and its answer. A kind is a row in the table that creates
 * the desk.
 */
import {
  type CommandAnswer,
  type CommandKind,
  CommandMessage,
  type CommandOf,
  type CommandRefusalCode,
  type DeviceCommand,
} from '@skerry/contract/devices/device-command'
import { CommandId } from '@skerry/contract/values/ids'
import { assertNever } from '@skerry/core/values/assert-never'
import type { Log } from '@skerry/platform/process/log'

/** The result of a command: its answer, or the reason why there is none. `over`: nobody waits for it any more. */
export type CommandResult<Kind extends CommandKind> =
  | Omit<Extract<CommandAnswer, { kind: Kind }>, 'id'>
  | { kind: 'refused'; code: CommandRefusalCode; message: string }
  | { kind: 'over' }

export type CommandKinds = {
  readonly [Kind in CommandKind]: (command: CommandOf<Kind>, signal: AbortSignal) => Promise<CommandResult<Kind>>
}

export type CommandDesk = {
  /** The kinds of commands that it accepts. */
  readonly kinds: readonly string[]
  /** Handles a message of the hub. The answer goes back over the same link. The signal aborts when the link ends. */
  take(message: unknown, tell: Tell, signal: AbortSignal): void
}

/** The hub sends four commands at a time. The other places are for cancelled commands that have not stopped yet. */
const COMMANDS_AT_ONCE_MAX = 8

/** The hub repeats only pending commands. So a repeated command is among the last ones. */
const REMEMBERED_MAX = 64

/** [contract, CommandRefusal.message] */
const MESSAGE_MAX = 2_000

type Desk = {
  kinds: CommandKinds
  log: Pick<Log, 'debug' | 'info' | 'error'>
  running: Map<CommandId, AbortController>
  answered: Set<CommandId>
}

type Tell = (answer: CommandAnswer) => Promise<unknown>

/** At the start the desk has no commands. */
export function createCommandDesk(kinds: CommandKinds, log: Desk['log']): CommandDesk {
  const desk: Desk = { kinds, log, running: new Map(), answered: new Set() }
  return {
    kinds: Object.keys(kinds),
    take(offered, tell, signal) {
      const { success, data } = CommandMessage.safeParse(offered)
      if (!success) return void refuseUnread(offered, tell)
      if (data.kind === 'cancel') return desk.running.get(data.id)?.abort()
      if (desk.running.has(data.id) || desk.answered.has(data.id)) return
      // The link broke during the answer: the hub has ended the command by then.
      void work(desk, data, { tell, signal }).catch(() => undefined)
    },
  }
}

async function work(desk: Desk, command: DeviceCommand, { tell, signal }: { tell: Tell; signal: AbortSignal }) {
  const { running, answered, log } = desk
  const cancel = new AbortController()
  running.set(command.id, cancel)
  const limited = AbortSignal.any([signal, cancel.signal, AbortSignal.timeout(command.expiresInMs)])
  // A look comes every second. Its lines would push everything else out of the log that people fetch.
  const note = command.kind === 'look' ? log.debug : log.info
  note('command_begun', { command: command.id, kind: command.kind })
  const result = await perform(desk, command, limited)
  running.delete(command.id)
  if (result.kind === 'refused') note('command_refused', { command: command.id, ...result, kind: command.kind })
  if (result.kind === 'over') return
  answered.add(command.id)
  const [oldest] = answered
  if (answered.size > REMEMBERED_MAX && oldest !== undefined) answered.delete(oldest)
  await tell({ ...result, id: command.id })
}

type Ended = { [Kind in CommandKind]: CommandResult<Kind> }[CommandKind]

async function perform({ kinds, log, running }: Desk, command: DeviceCommand, signal: AbortSignal): Promise<Ended> {
  if (running.size > COMMANDS_AT_ONCE_MAX)
    return rejectCommand('device_busy', 'the device works on as many requests as it can')
  try {
    return await begin(kinds, command, signal)
  } catch (error) {
    if (signal.aborted) return { kind: 'over' }
    log.error('command_failed', { command: command.id, kind: command.kind, error })
    return rejectCommand('command_failed', error instanceof Error ? error.message : String(error))
  }
}

function begin(kinds: CommandKinds, command: DeviceCommand, signal: AbortSignal): Promise<Ended> {
  switch (command.kind) {
    case 'infer':
      return kinds.infer(command, signal)
    case 'logs':
      return kinds.logs(command, signal)
    case 'read-tags':
      return kinds['read-tags'](command, signal)
    case 'write-tag':
      return kinds['write-tag'](command, signal)
    case 'look':
      return kinds.look(command, signal)
    case 'browse-source':
      return kinds['browse-source'](command, signal)
    case 'test-source':
      return kinds['test-source'](command, signal)
    case 'test-sink':
      return kinds['test-sink'](command, signal)
    case 'restart-source':
      return kinds['restart-source'](command, signal)
    case 'app-logs':
      return kinds['app-logs'](command, signal)
    case 'read-captures':
      return kinds['read-captures'](command, signal)
    case 'stream':
      return kinds.stream(command, signal)
    default:
      return assertNever(command)
  }
}

/** A rejection with a message of limited length. */
export const rejectCommand = (code: CommandRefusalCode, message: string) => ({
  kind: 'refused' as const,
  code,
  message: message.slice(0, MESSAGE_MAX) || code,
})

/**
 * A later hub may send a command that this agent cannot parse. If its id can be parsed, the agent answers with that
 * reason.
 */
async function refuseUnread(offered: unknown, tell: Tell): Promise<void> {
  const given = typeof offered === 'object' && offered !== null && 'id' in offered ? offered.id : undefined
  const id = CommandId.safeParse(given)
  if (!id.success) return
  const refusal = rejectCommand('command_unknown', 'the agent cannot read this command; update the agent')
  await tell({ ...refusal, id: id.data }).catch(() => undefined)
}
