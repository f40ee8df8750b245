/** IO: everything of the machine that commands touch, so that tests can run them in one process. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline/promises'
import type { Readable, Writable } from 'node:stream'

export type Sink = { write: (text: string) => void; isTTY: boolean; columns: number }

export type Io = {
  env: Readonly<Record<string, string | undefined>>
  stdout: Sink
  stderr: Sink
  /** Whether a person can answer a question. */
  isInteractive: boolean
  readStdin(): Promise<string>
  /** The standard files of the process as bytes, for programs on devices. */
  terminal(): LocalTerminal
  /** A person's answer, without the line end. */
  ask(question: string, signal: AbortSignal): Promise<string>
  /** Shows the address in a browser, if this machine has one. Otherwise it does nothing. */
  openLink(url: string): void
  nowMs(): number
  /** A uniform number in [0, 1). */
  random(): number
  /** Replaces this process. It returns only if that failed. */
  execve(file: string, args: readonly string[]): never
}

export type LocalTerminal = {
  stdin: Readable
  stdout: Writable
  stderr: Writable
  /** Undefined unless input and output are terminals. */
  size(): { columns: number; rows: number } | undefined
  /** Whether keys reach the program at once and unchanged, Ctrl-C too. */
  setRaw(isRaw: boolean): void
  /** Returns the function that stops the listening. */
  onResize(listener: () => void): () => void
  /** The process no longer waits for input. */
  release(): void
}

/** 80 columns by default, the traditional width of terminals. */
const COLUMNS = 80

/** The surroundings of the real process. */
export function processIo(): Io {
  return {
    env: process.env,
    stdout: sinkOf(process.stdout),
    stderr: sinkOf(process.stderr),
    isInteractive: process.stdin.isTTY === true && process.stderr.isTTY === true,
    readStdin,
    terminal: processTerminal,
    ask,
    openLink,
    nowMs: Date.now,
    random: Math.random,
    execve: (file, args) => {
      if (process.execve === undefined) throw new Error('this platform cannot replace a process')
      return process.execve(file, [file, ...args], process.env as Record<string, string>)
    },
  }
}

function openLink(url: string): void {
  const isMac = process.platform === 'darwin'
  const hasScreen = isMac || process.env.DISPLAY !== undefined || process.env.WAYLAND_DISPLAY !== undefined
  if (!hasScreen) return
  const opening = spawn(isMac ? 'open' : 'xdg-open', [url], { stdio: 'ignore', detached: true })
  // A machine without that program is a machine without a browser.
  opening.on('error', () => undefined)
  opening.unref()
}

function sinkOf(stream: NodeJS.WriteStream): Sink {
  return {
    write: (text) => {
      stream.write(text)
    },
    isTTY: stream.isTTY === true,
    get columns() {
      return stream.columns ?? COLUMNS
    },
  }
}

function processTerminal(): LocalTerminal {
  const { stdin, stdout, stderr } = process
  return {
    stdin,
    stdout,
    stderr,
    size: () => (stdin.isTTY && stdout.isTTY ? { columns: stdout.columns, rows: stdout.rows } : undefined),
    setRaw: (isRaw) => void stdin.setRawMode(isRaw),
    onResize(listener) {
      stdout.on('resize', listener)
      return () => void stdout.off('resize', listener)
    },
    release() {
      stdin.pause()
      stdin.unref()
    },
  }
}

async function readStdin(): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

async function ask(question: string, signal: AbortSignal): Promise<string> {
  // Written to stderr, so that the question is visible if stdout goes to a file.
  using lines = createInterface({ input: process.stdin, output: process.stderr })
  return lines.question(question, { signal })
}
