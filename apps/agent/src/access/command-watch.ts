/**
 * Command watch: the programs that run in a shell of remote access, for the journal of the device. A script can run more
 * than its terminal shows. The source is the list of processes, five times a second: a program that ends sooner is
 * missed, and so is one that leaves the tree of the shell. Each entry names its source.
 */
import { readdirSync, readFileSync } from 'node:fs'
import type { AccessSessionId } from '@skerry/contract/values/ids'
import type { Clock } from '@skerry/platform/process/clock'
import type { DeviceJournal } from '../auditing/device-journal.ts'

export type CommandWatchDeps = {
  session: AccessSessionId
  journal: Pick<DeviceJournal, 'note' | 'hasRoom'>
  clock: Pick<Clock, 'sleep' | 'monotonicMs'>
}

/** Rarer misses many programs of a person; more often costs more than it finds. */
const LOOK_MS = 200

/** Several commands are one entry: a journal is no log. */
const NOTE_MS = 3_000

/** Processes in one look, and commands that wait for room in the journal. More come from a build, not from a person. */
const PROCESSES_MAX = 256
const WAITING_MAX = 200

/** With its session and its source, an entry stays under the 2 KiB of the journal. */
const ENTRY_CHARACTERS_MAX = 1_500
const COMMAND_CHARACTERS_MAX = 500

/** Notes the commands below this process until the signal aborts. Never rejects. */
export async function watchCommands(root: number, deps: CommandWatchDeps, signal: AbortSignal): Promise<void> {
  const { clock } = deps
  const waiting: Waiting = { commands: [], omitted: 0 }
  let known: ReadonlyMap<number, string> = new Map()
  let notedMs = clock.monotonicMs()
  while (!signal.aborted) {
    const now = processesBelow(root)
    // A copy of a shell runs the same command as its parent for a moment, until it becomes another program.
    for (const [pid, { command, isCopy }] of now) {
      if (!isCopy && known.get(pid) !== command) add(waiting, command)
    }
    known = new Map([...now].map(([pid, { command }]) => [pid, command]))
    if (clock.monotonicMs() - notedMs >= NOTE_MS) {
      notedMs = clock.monotonicMs()
      write(waiting, deps)
    }
    await clock.sleep(LOOK_MS, signal).catch(() => undefined)
  }
  write(waiting, deps)
}

type Waiting = { commands: string[]; omitted: number }

function add(waiting: Waiting, command: string): void {
  if (waiting.commands.length < WAITING_MAX) waiting.commands.push(command)
  else waiting.omitted += 1
}

/** The commands wait while the journal has no room. */
function write(waiting: Waiting, { session, journal }: CommandWatchDeps): void {
  while (waiting.commands.length > 0 && journal.hasRoom('access-commands')) {
    let characters = 0
    const fits = waiting.commands.findIndex((command) => {
      characters += JSON.stringify(command).length + 1
      return characters > ENTRY_CHARACTERS_MAX
    })
    const commands = waiting.commands.splice(0, fits === -1 ? waiting.commands.length : Math.max(1, fits))
    const omitted = waiting.commands.length === 0 ? waiting.omitted : 0
    if (omitted > 0) waiting.omitted = 0
    journal.note('access-commands', { session, source: 'process list', commands, ...(omitted > 0 && { omitted }) })
  }
}

type Found = { command: string; isCopy: boolean }

/** The processes below this one, by their number. */
export function processesBelow(root: number): Map<number, Found> {
  const found = new Map<number, Found>()
  const open: { pid: number; command: string }[] = [{ pid: root, command: commandOf(root) ?? '' }]
  for (let parent = open.pop(); parent !== undefined && found.size < PROCESSES_MAX; parent = open.pop()) {
    for (const pid of childrenOf(parent.pid)) {
      const command = commandOf(pid)
      if (command === undefined || found.has(pid)) continue
      found.set(pid, { command, isCopy: command === parent.command })
      open.push({ pid, command })
    }
  }
  return found
}

/** [proc_pid_task(5)] Each thread has its own children. Systems without this file have no children here. */
function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, 'latin1').split(' ').filter(Boolean).map(Number),
    )
  } catch {
    return []
  }
}

/** [proc_pid_cmdline(5)] The arguments, each with a zero after it. A process that has just ended has none. */
function commandOf(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replace(/\0+$/, '').replaceAll('\0', ' ')
    return text === '' ? undefined : text.slice(0, COMMAND_CHARACTERS_MAX)
  } catch {
    return undefined
  }
}
