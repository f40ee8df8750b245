/**
 * Shell target: a shell of the agent's user on this device. With a size it gets a terminal, otherwise pipes, as with
 * ssh. The shell does not inherit the environment of the agent, which may have secrets.
 */
import { spawn } from 'node:child_process'
import { homedir, userInfo } from 'node:os'
import type { Duplex, Readable, Writable } from 'node:stream'
import type { AccessOrder } from '@skerry/contract/access/access'
import {
  FRAME_BYTES_MAX,
  type FrameKind,
  frameReader,
  type ShellFrame,
  sizeIn,
  writeFrame,
} from '@skerry/contract/access/shell-frame'
import type { PreparedTarget } from '../streams/stream-desk.ts'

type Wish = AccessOrder['wish']

/** Observes the programs below a process until the signal aborts. */
export type Observe = (pid: number, signal: AbortSignal) => Promise<void>

/** Prepares a shell; it starts when the person is connected. */
export async function shellTarget(wish: Wish, observe: Observe): Promise<PreparedTarget> {
  if (wish.terminal === undefined) return ready((stream) => runPlain(stream, wish, observe))
  // Native code, which is loaded only for the first terminal.
  const pty = await import('@lydell/node-pty')
  return ready((stream) => runTerminal(stream, { wish, observe }, pty))
}

const ready = (run: (stream: Duplex) => Promise<void>): PreparedTarget => ({
  ok: true,
  target: { run, [Symbol.dispose]: () => undefined },
})

/** A program that ignores the end of its terminal gets this time. */
const KILL_MS = 3_000

/** [ssh] The exit code of a program that a signal ended. */
const BY_SIGNAL = 128

function surroundings(wish: Wish): { shell: string; args: string[]; cwd: string; env: Record<string, string> } {
  const { username, shell } = userInfo()
  // [node:os] HOME of the agent, if it has one: a service may have another folder than its user.
  const home = homedir()
  const program = shell ?? '/bin/sh'
  const { PATH = '/usr/local/bin:/usr/bin:/bin', LANG = 'C.UTF-8' } = process.env
  const env = { PATH, LANG, HOME: home, USER: username, LOGNAME: username, SHELL: program }
  const isTerminal = wish.terminal !== undefined
  return {
    shell: program,
    args: wish.command !== undefined ? ['-c', wish.command] : isTerminal ? ['-l'] : [],
    cwd: home,
    env: isTerminal ? { ...env, TERM: 'xterm-256color' } : env,
  }
}

/** The type of the library says text. It writes bytes as they are, so that no character is cut at the end of a piece. */
const inputOf = (content: Uint8Array) => Buffer.from(content) as unknown as string

type Wished = { wish: Wish; observe: Observe }

async function runTerminal(
  stream: Duplex,
  { wish, observe }: Wished,
  pty: typeof import('@lydell/node-pty'),
): Promise<void> {
  const { shell, args, cwd, env } = surroundings(wish)
  const { columns: cols = 80, rows = 24 } = wish.terminal ?? {}
  const terminal = pty.spawn(shell, args, { name: 'xterm-256color', cols, rows, cwd, env, encoding: null })
  const { promise: exited, resolve } = Promise.withResolvers<number>()
  // The type says text, and the option above makes it bytes.
  terminal.onData((piece: unknown) => {
    if (!send(stream, 'output', piece as Buffer)) terminal.pause()
  })
  stream.on('drain', () => terminal.resume())
  terminal.onExit(({ exitCode, signal }) => resolve(signal ? BY_SIGNAL + signal : exitCode))
  hearFrames(stream, ({ kind, content }) => {
    if (kind === 'input') terminal.write(inputOf(content))
    // [POSIX, General Terminal Interface] The end of a file, as Ctrl-D is.
    if (kind === 'end') terminal.write('\u0004')
    const size = kind === 'resize' ? sizeIn(content) : undefined
    if (size) terminal.resize(size.columns, size.rows)
  })
  const stopObserving = observing(terminal.pid, observe)
  const exitCode = await Promise.race([exited, whenClosed(stream)])
  stopObserving()
  if (exitCode === undefined) return endProcess(terminal.pid, exited)
  await finish(stream, exitCode)
}

/** Returns the function that ends it. */
function observing(pid: number | undefined, observe: Observe): () => void {
  const over = new AbortController()
  if (pid !== undefined) void observe(pid, over.signal)
  return () => over.abort()
}

async function runPlain(stream: Duplex, wish: Wish, observe: Observe): Promise<void> {
  const { shell, args, cwd, env } = surroundings(wish)
  const child = spawn(shell, args, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'], detached: true })
  const { promise: exited, resolve } = Promise.withResolvers<number>()
  child.on('error', () => resolve(127))
  // Emitted when the output has been read to its end, too.
  child.on('close', (code, signal) => resolve(code ?? BY_SIGNAL + (signal === 'SIGKILL' ? 9 : 15)))
  child.stdin.on('error', () => undefined)
  pump(child.stdout, stream, 'output')
  pump(child.stderr, stream, 'errors')
  hearFrames(stream, ({ kind, content }) => {
    if (kind === 'input') writeAll(child.stdin, content, stream)
    if (kind === 'end') child.stdin.end()
  })
  const stopObserving = observing(child.pid, observe)
  const exitCode = await Promise.race([exited, whenClosed(stream)])
  stopObserving()
  if (exitCode !== undefined) return finish(stream, exitCode)
  child.stdin.destroy()
  if (child.pid !== undefined) await endProcess(child.pid, exited)
}

/** Sends bytes in frames; false if the stream wants a pause. */
function send(stream: Duplex, kind: FrameKind, bytes: Buffer): boolean {
  let isOpen = true
  for (let at = 0; at < bytes.byteLength; at += FRAME_BYTES_MAX)
    isOpen = stream.writable && stream.write(writeFrame(kind, bytes.subarray(at, at + FRAME_BYTES_MAX)))
  return isOpen
}

function pump(from: Readable, stream: Duplex, kind: FrameKind): void {
  from.on('error', () => undefined)
  from.on('data', (piece: Buffer) => {
    if (send(stream, kind, piece)) return
    from.pause()
    stream.once('drain', () => from.resume())
  })
}

/** A program that reads slowly holds up the person. */
function writeAll(to: Writable, content: Uint8Array, stream: Duplex): void {
  if (to.destroyed || to.writableEnded || to.write(Buffer.from(content))) return
  stream.pause()
  to.once('drain', () => stream.resume())
  to.once('close', () => stream.resume())
}

function hearFrames(stream: Duplex, hear: (frame: ShellFrame) => void): void {
  const read = frameReader()
  stream.on('data', (piece: Buffer) => {
    try {
      read(piece).forEach(hear)
    } catch {
      stream.destroy()
    }
  })
}

/** Resolves with undefined when the person or the hub has left. */
const whenClosed = (stream: Duplex) =>
  new Promise<undefined>((resolve) => {
    if (stream.destroyed) resolve(undefined)
    stream.once('close', () => resolve(undefined))
  })

/** Sends the exit code, and waits until the hub has taken everything. */
async function finish(stream: Duplex, exitCode: number): Promise<void> {
  stream.write(writeFrame('exit', new Uint8Array([exitCode & 255])))
  await new Promise<void>((resolve) => {
    stream.once('close', () => resolve())
    stream.end(() => resolve())
  })
}

/** Ends the program and its children: first as a terminal that hangs up, then by force. */
async function endProcess(pid: number, exited: Promise<number>): Promise<void> {
  kill(pid, 'SIGHUP')
  const late = setTimeout(() => kill(pid, 'SIGKILL'), KILL_MS)
  await exited
  clearTimeout(late)
}

function kill(pid: number, signal: 'SIGHUP' | 'SIGKILL'): void {
  try {
    // The group: the shell is the leader of a session of its own.
    process.kill(-pid, signal)
  } catch {
    // The group has ended already.
  }
}
