/** Decoder: ffmpeg as a process of its own, which writes whole pictures to a pipe. A damaged stream ends it, and nothing else. */
import { type ChildProcess, spawn } from 'node:child_process'
import { SourceTrouble, type TroubleCode } from '@skerry/connectors/session'
import { type DecoderOrder, decoderWords } from './decoder-order.ts'

/** What it said last says why it ended; a damaged stream makes it say something for each picture. */
const SAID_MAX = 4_000

export type Decoder = AsyncDisposable & {
  /** Resolves when it has ended by itself: with nothing where it came to the end of what there is. */
  ended: Promise<SourceTrouble | undefined>
}

/** Starts it. Each piece of what it writes is heard. */
export function startDecoder({ args, script }: DecoderOrder, onBytes: (bytes: Uint8Array) => void): Decoder {
  // A group of its own: Ctrl-C of a person is ours to answer, and its end is the end of all that it may have started.
  const child = spawn('ffmpeg', args, { detached: true, stdio: 'pipe', env: { PATH: process.env.PATH, LANG: 'C' } })
  let said = ''
  child.stderr.on('data', (bytes) => {
    said = `${said}${String(bytes)}`.slice(-SAID_MAX)
  })
  child.stdout.on('data', onBytes)
  // It may have ended before it read what it was told; that it ended says more.
  child.stdin.on('error', () => undefined)
  child.stdin.end(script)
  const ended = new Promise<SourceTrouble | undefined>((resolve) => {
    child.once('error', (error) => resolve(notStarted(error)))
    child.once('close', (code) => resolve(code === 0 ? undefined : endedBy(said)))
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
  return new SourceTrouble(
    'source_unreachable',
    isMissing ? 'ffmpeg is not installed on this machine; install the package ffmpeg' : `ffmpeg: ${error.message}`,
  )
}

/** [RFC 2326, 7.1.1] */
const REASONS: readonly [RegExp, TroubleCode, string][] = [
  [/\b401\b|\b403\b/, 'source_refused', 'the camera does not let us in; look at user and password'],
  [/\b404\b/, 'source_unreachable', 'the camera has no such stream; look at the path of its address'],
  [/connection refused|no route|unreachable|timed out|resolve/i, 'source_unreachable', 'the camera cannot be reached'],
]

function endedBy(said: string): SourceTrouble {
  const words = decoderWords(said)
  const [, code, message] = REASONS.find(([pattern]) => pattern.test(said)) ?? []
  if (code) return new SourceTrouble(code, `${message} (${words})`)
  return new SourceTrouble('source_lost', `the decoder ended: ${words || 'it did not say why'}`)
}

function kill({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has just ended by itself.
  }
}
