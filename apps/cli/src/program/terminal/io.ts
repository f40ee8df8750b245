/** IO: everything of the machine that commands touch, so that tests can run them in one process. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline/promises'

export type Sink = { write: (text: string) => void; isTTY: boolean; columns: number }

export type Io = {
  env: Readonly<Record<string, string | undefined>>
  stdout: Sink
  stderr: Sink
  /** Whether a person can be asked. */
  isInteractive: boolean
  readStdin(): Promise<string>
  /** The answer of a person, without the line's end. */
  ask(question: string, signal: AbortSignal): Promise<string>
  /** Shows the address in a browser, where this machine has one; nothing happens where it has none. */
  openLink(url: string): void
  nowMs(): number
  /** Uniform in [0, 1). */
  random(): number
  /** Replaces this process; comes back only where that failed. */
  execve(file: string, args: readonly string[]): never
}

/** 80 columns where nobody says otherwise, as terminals have had for long. */
const COLUMNS = 80

/** The real thing. */
export function processIo(): Io {
  return {
    env: process.env,
    stdout: sinkOf(process.stdout),
    stderr: sinkOf(process.stderr),
    isInteractive: process.stdin.isTTY === true && process.stderr.isTTY === true,
    readStdin,
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
  // A machine without the program is a machine without a browser.
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

async function readStdin(): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

async function ask(question: string, signal: AbortSignal): Promise<string> {
  // On stderr, so that the question is seen where stdout goes to a file.
  using lines = createInterface({ input: process.stdin, output: process.stderr })
  return lines.question(question, { signal })
}
