import { createReadStream, createWriteStream } from 'node:fs'
import { rename, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Duplex } from 'node:stream'
import { AccessPath } from '@skerry/contract/access/access'
import { frameReader, type ShellFrame, writeFrame } from '@skerry/contract/access/shell-frame'
import { DeviceReference } from '@skerry/contract/api/fleet/device-procedures'
import { command, fits, required } from '../../program/command.ts'
import { exitCodes, Failure, fail, wrongUsage } from '../../program/failure.ts'
import type { Session } from '../../program/session.ts'
import { GRANT, WHY } from './access-options.ts'
import { openAccess } from './open-access.ts'

type Place = { device: string; path: string } | { device: undefined; path: string }

/** `DEVICE:/path` is on a device, everything else is on this machine. */
function parsePlace(text: string): Place {
  const [, device, path] = /^([a-z0-9][a-z0-9_-]*):(\/.*)$/.exec(text) ?? []
  if (device === undefined || path === undefined) return { device: undefined, path: text }
  return { device: fits(DeviceReference)(device), path: fits(AccessPath)(path) }
}

export const copyFile = command({
  name: 'cp',
  summary: 'Copy one file from or to a device',
  details: 'Needs a grant for files below a folder that holds the path. A file appears as a whole, or not at all.',
  examples: [
    'skerry cp press-1:/var/log/syslog . --reason "find the fault"',
    'skerry cp camera.yaml press-1:/etc/camera/camera.yaml --grant gra_abcdefgh234567',
  ],
  arguments: {
    from: required('<from>', 'a file, or DEVICE:/PATH', parsePlace),
    to: required('<to>', 'a file, a folder, or DEVICE:/PATH', parsePlace),
  },
  options: { grant: GRANT, reason: WHY },
  async run({ from, to, grant, reason }, session) {
    if ((from.device === undefined) === (to.device === undefined))
      throw wrongUsage('one of the two must be on a device, such as press-1:/var/log/syslog')
    const device = from.device ?? to.device ?? ''
    const direction = from.device === undefined ? ('write' as const) : ('read' as const)
    const path = from.device === undefined ? to.path : from.path
    const { stream } = await openAccess(session, { device, grant, reason, wish: { kind: 'file', path, direction } })
    const bytes =
      direction === 'read' ? await fetchFile(session, stream, from.path, to.path) : await sendFile(stream, from.path)
    session.print({ json: { device, path, bytes }, text: () => `${bytes} bytes` })
  },
})

/** Writes beside the file, which gets its name at the end. */
async function fetchFile({ signal }: Session, stream: Duplex, path: string, wanted: string): Promise<number> {
  const isFolder = (await stat(wanted).catch(() => undefined))?.isDirectory()
  const final = isFolder ? join(wanted, basename(path)) : wanted
  const draft = `${final}.part-${process.pid}`
  const out = createWriteStream(draft, { flags: 'wx' })
  let bytes = 0
  try {
    const exit = await hearFrames(stream, signal, async (content) => {
      bytes += content.byteLength
      if (!out.write(Buffer.from(content))) await new Promise<void>((resolve) => out.once('drain', () => resolve()))
    })
    await new Promise<void>((resolve, reject) => out.on('error', reject).end(() => resolve()))
    if (exit !== 0) throw cut()
    await rename(draft, final)
    return bytes
  } catch (error) {
    out.destroy()
    await rm(draft, { force: true })
    throw error
  }
}

async function sendFile(stream: Duplex, path: string): Promise<number> {
  const heard = hearFrames(stream, undefined, async () => undefined)
  const bytes = await pourFile(stream, path).catch(async (error: unknown) => {
    stream.destroy()
    await heard.catch(() => undefined)
    throw fail('file_unreadable', `${path} cannot be read: ${error instanceof Error ? error.message : error}`)
  })
  if ((await heard) !== 0) throw cut()
  return bytes
}

async function pourFile(stream: Duplex, path: string): Promise<number> {
  let bytes = 0
  for await (const piece of createReadStream(path)) {
    bytes += (piece as Buffer).byteLength
    if (!stream.writable) return bytes
    if (!stream.write(writeFrame('input', piece as Buffer))) await drained(stream)
  }
  if (stream.writable) stream.write(writeFrame('end'))
  return bytes
}

const drained = (stream: Duplex) =>
  new Promise<void>((resolve) => {
    stream.once('drain', resolve)
    stream.once('close', resolve)
  })

const cut = () =>
  new Failure({ code: 'connection_lost', message: 'the file was not copied whole', exitCode: exitCodes.failed })

/** Resolves with the exit code of the device; undefined if there was none. */
async function hearFrames(
  stream: Duplex,
  signal: AbortSignal | undefined,
  take: (content: Uint8Array) => Promise<void>,
): Promise<number | undefined> {
  const read = frameReader()
  const heard = { words: '', exit: undefined as number | undefined }
  const stop = () => void stream.destroy()
  signal?.addEventListener('abort', stop, { once: true })
  const hear = async ({ kind, content }: ShellFrame) => {
    if (kind === 'output') await take(content)
    if (kind === 'errors') heard.words += Buffer.from(content).toString()
    if (kind === 'exit') heard.exit = content[0]
  }
  try {
    for await (const piece of stream) {
      for (const frame of read(piece as Buffer)) await hear(frame)
      if (heard.exit !== undefined) break
    }
  } catch {
    // The end of the connection: without an exit code, the copy is not whole.
  }
  signal?.removeEventListener('abort', stop)
  stream.end()
  const { words, exit } = heard
  if (words !== '') throw new Failure({ code: 'stream_refused', message: words.trim(), exitCode: exitCodes.failed })
  return exit
}
