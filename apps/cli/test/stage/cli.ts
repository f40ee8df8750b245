/** CLI: runs command lines in this process, and captures everything that a person would see. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { run } from '../../src/program/run.ts'
import type { Io } from '../../src/program/terminal/io.ts'
import { NOW_MS } from '../fake-hub/fake-data.ts'

export type Outcome = { code: number; out: string; err: string }

export type Setting = {
  env?: Record<string, string>
  stdin?: string
  /** A person at a terminal, with these answers. */
  answers?: string[]
  signal?: AbortSignal
  /** Called with each thing that is printed. */
  onOutput?: (text: string) => void
  /** Called with each address that a browser would open. */
  onLink?: (url: string) => void
  nowMs?: () => number
  /** In [0, 1). With 0, nothing waits. */
  random?: () => number
}

/** Runs one command line. There is a terminal exactly if there are answers. */
export async function cli(
  words: readonly string[],
  { env = {}, stdin = '', answers, signal, onOutput, onLink, nowMs, random = () => 0 }: Setting = {},
): Promise<Outcome> {
  const out: string[] = []
  const err: string[] = []
  const left = [...(answers ?? [])]
  const isTTY = answers !== undefined
  const print = (text: string) => {
    out.push(text)
    onOutput?.(text)
  }
  const io: Io = {
    env,
    stdout: { write: print, isTTY, columns: 80 },
    stderr: { write: (text) => void err.push(text), isTTY, columns: 80 },
    isInteractive: isTTY,
    readStdin: async () => stdin,
    terminal: () => ({
      stdin: Readable.from([Buffer.from(stdin)]),
      stdout: sinkOf(print),
      stderr: sinkOf((text) => void err.push(text)),
      size: () => undefined,
      setRaw: () => undefined,
      onResize: () => () => undefined,
      release: () => undefined,
    }),
    async ask(question) {
      err.push(`${question}\n`)
      const answer = left.shift()
      if (answer === undefined) throw new Error(`nobody answers: ${question}`)
      return answer
    },
    openLink: (url) => onLink?.(url),
    nowMs: () => nowMs?.() ?? NOW_MS,
    random,
    execve: (file, args) => {
      throw new Error(`execve ${file} ${args.join(' ')}`)
    },
  }
  const code = await run(words, io, signal ?? new AbortController().signal)
  return { code, out: out.join(''), err: err.join('') }
}

export type TestFolder = AsyncDisposable & { path: string }

/** A folder that is deleted at the end. */
export async function openTestFolder(): Promise<TestFolder> {
  const path = await mkdtemp(join(tmpdir(), 'skerry-cli-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

const sinkOf = (print: (text: string) => void) =>
  new Writable({
    write(piece: Buffer, _encoding, done) {
      print(piece.toString())
      done()
    },
  })
