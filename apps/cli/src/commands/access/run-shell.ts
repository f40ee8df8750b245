/** Run shell: connects the person's terminal, or pipes, with a shell on a device. */
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { frameReader, type ShellFrame, sizeContent, writeFrame } from '@skerry/contract/access/shell-frame'
import { StreamCut } from '@skerry/platform/network/socket-stream'
import { exitCodes, Failure } from '../../program/failure.ts'
import type { LocalTerminal } from '../../program/terminal/io.ts'

/** `isSilent`: this side has no input. */
type Local = { local: LocalTerminal; hasTerminal: boolean; isSilent?: boolean }

/** Resolves with the exit code of the program on the device. */
export async function runShell(
  stream: Duplex,
  { local, hasTerminal, isSilent = false }: Local,
  signal: AbortSignal,
): Promise<number> {
  const { stdin, stdout, stderr } = local
  const read = frameReader()
  const { promise: exited, resolve, reject } = Promise.withResolvers<number>()
  const hear = ({ kind, content }: ShellFrame) => {
    if (kind === 'exit') resolve(content[0] ?? 0)
    const out = kind === 'output' ? stdout : kind === 'errors' ? stderr : undefined
    if (out && !out.write(Buffer.from(content))) {
      stream.pause()
      out.once('drain', () => stream.resume())
    }
  }
  stream.on('data', (piece: Buffer) => read(piece).forEach(hear))
  stream.once('error', (error) => reject(lost(error)))
  stream.once('close', () => reject(lost(undefined)))
  signal.addEventListener('abort', () => reject(new Error('interrupted')), { once: true })
  const type = (piece: Buffer) => {
    if (stream.write(writeFrame('input', piece))) return
    stdin.pause()
    stream.once('drain', () => stdin.resume())
  }
  const endInput = () => stream.writable && stream.write(writeFrame('end'))
  const resize = () => {
    const size = local.size()
    if (size && stream.writable) stream.write(writeFrame('resize', sizeContent(size)))
  }
  if (hasTerminal) local.setRaw(true)
  if (!isSilent) {
    stdin.on('data', type)
    stdin.once('end', endInput)
  }
  const stopSizes = hasTerminal ? local.onResize(resize) : () => undefined
  try {
    const code = await exited
    stream.end()
    return code
  } finally {
    stopSizes()
    stdin.off('data', type).off('end', endInput)
    if (hasTerminal) local.setRaw(false)
    local.release()
    if (!stream.destroyed) await Promise.race([once(stream, 'close').catch(() => undefined), once(stream, 'finish')])
    stream.destroy()
  }
}

function lost(error: Error | undefined): Failure {
  const code = error instanceof StreamCut && error.code !== '' ? error.code : 'connection_lost'
  return new Failure({
    code,
    message: ENDS[code] ?? 'the connection to the device ended',
    exitCode: exitCodes.remote,
    cause: error,
  })
}

const ENDS: Readonly<Record<string, string>> = {
  grant_revoked: 'the grant was revoked',
  grant_expired: 'the grant has expired',
  key_invalid: 'your key was revoked',
  session_stopped: 'another person ended the session',
  moderator_absent: 'nobody has begun to watch the terminal',
  moderator_left: 'nobody watches the terminal any more',
  stream_idle: 'no byte passed for an hour',
  recording_full: 'the recording has reached its limit; open another session',
  recording_failed: 'the hub could not store the recording; see its log',
  hub_unavailable: 'the hub is stopping; open another session in a moment',
}
