/** Program: an independent peer as a process, which can die, freeze and come back. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

export type Program = AsyncDisposable & {
  /** Ends it without a word, as equipment that loses its power. */
  kill(): Promise<void>
  start(): Promise<void>
  /** Holds it still: connections stay open, and nothing is answered. */
  freeze(): void
  thaw(): void
  signal(name: NodeJS.Signals): void
  /** Its standard output since it was first started. */
  said(): string
}

export type ProgramOptions = {
  /** The text that it prints when it is ready; its first output if absent. */
  ready?: RegExp
  env?: Record<string, string>
  cwd?: string
}

/** Starts it, and waits until it is ready. */
export async function startProgram(
  command: string,
  args: readonly string[],
  { ready = /./, env, cwd }: ProgramOptions = {},
): Promise<Program> {
  let process_: ChildProcess | undefined
  let said = ''
  const program: Program = {
    said: () => said,
    async start() {
      const options = { env: { ...process.env, ...env }, ...(cwd === undefined ? {} : { cwd }) }
      const child = spawn(command, [...args], { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
      process_ = child
      await readiness(child, ready, (text) => {
        said += text
      })
    },
    async kill() {
      if (!process_ || process_.exitCode !== null || process_.signalCode !== null) return
      const ended = once(process_, 'exit')
      process_.kill('SIGKILL')
      await ended
    },
    freeze: () => void process_?.kill('SIGSTOP'),
    thaw: () => void process_?.kill('SIGCONT'),
    signal: (name) => void process_?.kill(name),
    [Symbol.asyncDispose]: () => program.kill(),
  }
  await program.start()
  return program
}

function readiness(child: ChildProcess, ready: RegExp, onOutput: (text: string) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = ''
    const hear = (chunk: unknown) => {
      onOutput(String(chunk))
      text = `${text}${String(chunk)}`.slice(-4_000)
      if (ready.test(text)) resolve()
    }
    child.stdout?.on('data', hear)
    child.stderr?.on('data', hear)
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`the peer ended with ${code}: ${text}`)))
  })
}
