/**
 * Recorder: writes a shell's session as asciicast while it runs. A terminal shows its input itself, and passwords are
 * typed without echo, so that only output is recorded. Without a terminal the input is recorded too, because the
 * output does not show it.
 */
import { createHash } from 'node:crypto'
import { type AccessRecording, type AccessWish, RECORDING_BYTES_MAX } from '@skerry/contract/access/access'
import { frameReader, type ShellFrame, sizeIn } from '@skerry/contract/access/shell-frame'
import { Digest } from '@skerry/contract/values/digest'
import type { AccessSessionId, OrganisationId } from '@skerry/contract/values/ids'
import { type CastEvent, castHead, castLine } from '@skerry/core/access/recording'
import type { Hub } from '../hub.ts'

export type Recorder = {
  /** Bytes of the person. Throws if they are no frames. */
  fromPerson(piece: Uint8Array): void
  /** Bytes of the device. Throws if they are no frames. */
  fromDevice(piece: Uint8Array): void
  /** The exit code of the program, once it has ended. */
  exitCode(): number | undefined
  /** Writes the rest, and describes the recording. */
  finish(): Promise<AccessRecording>
}

export type RecorderDeps = {
  hub: Pick<Hub, 'store' | 'clock' | 'log'>
  session: { id: AccessSessionId; organisation_id: OrganisationId }
  wish: AccessWish
  title: string
  /** The recording has reached its limit, or cannot be stored: the session must not go on. */
  onFull(code: 'recording_full' | 'recording_failed'): void
}

/** A hub that is killed loses this much. Each write is a transaction that waits for the disk. */
const FLUSH_MS = 1_000

/** The usual size without a terminal. */
const PLAIN = { columns: 80, rows: 24 }

/** Begins a recording. */
export function startRecorder({ hub, session, wish, title, onFull }: RecorderDeps): Recorder {
  const startMs = hub.clock.monotonicMs()
  const hash = createHash('sha256')
  const hasTerminal = wish.terminal !== undefined
  // A character may be cut between two pieces.
  const decoders = { output: new TextDecoder(), errors: new TextDecoder(), input: new TextDecoder() }
  const readers = { person: frameReader(), device: frameReader() }
  let exitCode: number | undefined
  let bytes = 0
  let sequence = 0
  let waiting = ''
  let timer: NodeJS.Timeout | undefined
  let isFull = false
  let writing: Promise<void> = Promise.resolve()

  const flush = () => {
    clearTimeout(timer)
    timer = undefined
    const text = waiting
    waiting = ''
    if (text === '') return
    writing = writing.then(async () => {
      const row = { organisation_id: session.organisation_id, session_id: session.id, sequence, text }
      await hub.store.transaction((tx) => tx.insertInto('access_recordings').values(row).execute())
      sequence += 1
      hash.update(text)
      bytes += Buffer.byteLength(text)
    })
    writing.catch((error: unknown) => {
      hub.log.error('recording_not_stored', { session: session.id, error })
      onFull('recording_failed')
    })
  }
  let taken = 0
  const add = (line: string) => {
    if (isFull) return
    taken += Buffer.byteLength(line)
    waiting += line
    if (taken > RECORDING_BYTES_MAX) {
      isFull = true
      onFull('recording_full')
    }
    timer ??= setTimeout(flush, FLUSH_MS)
  }
  const note = (kind: CastEvent['kind'], text: string) => {
    if (text !== '') add(castLine({ atMs: hub.clock.monotonicMs() - startMs, kind, text }))
  }
  const hear = ({ kind, content }: ShellFrame) => {
    if (kind === 'output' || kind === 'errors') note('o', decoders[kind].decode(content, { stream: true }))
    if (kind === 'input' && !hasTerminal) note('i', decoders.input.decode(content, { stream: true }))
    const size = kind === 'resize' ? sizeIn(content) : undefined
    if (size) note('r', `${size.columns}x${size.rows}`)
    if (kind === 'exit') exitCode = content[0] ?? 0
  }
  add(castHead(wish.terminal ?? PLAIN, { startMs: hub.clock.nowMs(), title }))
  return {
    fromPerson: (piece) => readers.person(piece).forEach(hear),
    fromDevice: (piece) => readers.device(piece).forEach(hear),
    exitCode: () => exitCode,
    async finish() {
      flush()
      const isWhole = await writing.then(
        () => !isFull,
        () => false,
      )
      return { digest: Digest.parse(`sha256:${hash.digest('hex')}`), bytes, isWhole }
    },
  }
}
