/** CAN listener: candump as a process of its own, which writes a line for each frame that somebody wants. No native module, and what breaks is that process. */
import { type ChildProcess, spawn } from 'node:child_process'
import { SourceTrouble } from '@skerry/connectors/session'
import { createLineCutter, type Frame, frameOf } from './frame.ts'

const SAID_MAX = 1_000

/** [linux, CAN_RAW_FILTER_MAX] Where there are more, all frames are taken and left aside here. */
const FILTERS_MAX = 512

export type Listener = AsyncDisposable & {
  /** Why it ended by itself. */
  ended: Promise<SourceTrouble>
}

/** `ids` as candump writes them. */
export function startListener(
  { name, ids }: { name: string; ids: readonly string[] },
  hear: (frame: Frame) => void,
): Listener {
  const filters = ids.length > FILTERS_MAX ? [] : ids.map((id) => `${id}:${id.length === 8 ? 'DFFFFFFF' : 'C00007FF'}`)
  const child = spawn('candump', ['-L', [name, ...filters].join(',')], {
    ...{ detached: true, stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env.PATH, LANG: 'C' } },
  })
  let said = ''
  child.stderr?.on('data', (bytes) => {
    said = `${said}${String(bytes)}`.slice(-SAID_MAX)
  })
  const cut = createLineCutter((line) => {
    const frame = frameOf(line)
    if (frame) hear(frame)
  })
  child.stdout?.on('data', (bytes) => cut(String(bytes)))
  const ended = new Promise<SourceTrouble>((resolve) => {
    child.once('error', (error) => resolve(notStarted(error)))
    child.once('close', () => resolve(endedBy(name, said.trim())))
  })
  return {
    ended,
    async [Symbol.asyncDispose]() {
      kill(child)
      await ended
    },
  }
}

function notStarted(error: Error): SourceTrouble {
  const isMissing = 'code' in error && error.code === 'ENOENT'
  const message = isMissing
    ? 'candump is not installed on this machine; install the package can-utils'
    : `candump: ${error.message}`
  return new SourceTrouble('source_unreachable', message)
}

function endedBy(name: string, said: string): SourceTrouble {
  if (/No such device/.test(said))
    return new SourceTrouble('source_unreachable', `this machine has no interface ${name} (${said})`)
  if (/not supported/.test(said))
    return new SourceTrouble('source_unreachable', `the kernel of this machine has no CAN (${said})`)
  return new SourceTrouble('source_lost', `candump ended: ${said || 'it did not say why'}`)
}

function kill({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has just ended by itself.
  }
}
