/**
 * Serial line: a port of the machine, held by a process of its own. The library's native code knows only the loop of a process's first thread, and ends the
 * process where another thread reads; sources run in threads. A port has one holder: a second one is refused by the system.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { SourceTrouble } from '@skerry/connectors/session'
import type { SerialSettings } from '@skerry/contract/sources/serial-line'

/** What the process says. */
export type FromSerial =
  | { kind: 'open' }
  | { kind: 'failed'; reason: string }
  | { kind: 'data'; bytes: Uint8Array }
  | { kind: 'closed' }

/** What it is told; its end is the end of the port. */
export type ToSerial = { kind: 'write'; bytes: Uint8Array }

export type SerialLine = AsyncDisposable & {
  isOpen(): boolean
  write(bytes: Uint8Array): void
  onData(hear: (bytes: Uint8Array) => void): void
  /** Resolves with the reason when the port is gone by itself, as when somebody pulls its plug. */
  gone: Promise<string>
}

/** A process starts within a second on the slowest of machines; a port opens at once or never. */
const OPEN_TIMEOUT_MS = 10_000

const CHILD = new URL(`./serial-child${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)

/** Opens the port. Throws `SourceTrouble`. */
export async function openSerialLine(settings: SerialSettings, signal: AbortSignal): Promise<SerialLine> {
  signal.throwIfAborted()
  const child = fork(CHILD, [JSON.stringify(settings)], {
    serialization: 'advanced',
    execArgv: [],
    env: { LANG: 'C.UTF-8' },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  const opened = Promise.withResolvers<void>()
  const gone = Promise.withResolvers<string>()
  let isOpen = false
  let hear: (bytes: Uint8Array) => void = () => undefined
  const end = (reason: string) => {
    isOpen = false
    gone.resolve(reason)
    opened.reject(new SourceTrouble('source_unreachable', `cannot open ${settings.path} (${reason})`))
  }
  child.on('message', (said: FromSerial) => {
    if (said.kind === 'data') return hear(said.bytes)
    if (said.kind === 'failed') return end(said.reason)
    if (said.kind === 'closed') return end('the port is gone')
    isOpen = true
    opened.resolve()
  })
  child.on('error', (error) => end(error.message))
  child.on('exit', () => end('the process that holds the port ended'))
  try {
    await within(opened.promise, signal)
  } catch (error) {
    await endChild(child)
    throw error
  }
  return {
    gone: gone.promise,
    isOpen: () => isOpen,
    // A port that is gone shows by `gone`.
    write: (bytes) => void child.send({ kind: 'write', bytes } satisfies ToSerial, () => undefined),
    onData: (listener) => {
      hear = listener
    },
    [Symbol.asyncDispose]: () => endChild(child),
  }
}

async function within(opened: Promise<void>, signal: AbortSignal): Promise<void> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(OPEN_TIMEOUT_MS)])
  const { promise, reject } = Promise.withResolvers<never>()
  const give = () => reject(signal.aborted ? signal.reason : new SourceTrouble('source_unreachable', 'no port opened'))
  limited.addEventListener('abort', give, { once: true })
  try {
    await Promise.race([opened, promise])
  } finally {
    limited.removeEventListener('abort', give)
  }
}

/** The system closes the port with its process, whatever the library thinks. */
async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.kill('SIGKILL')
  await ended
}
