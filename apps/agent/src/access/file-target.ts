/**
 * File target: one file below the folder of a grant, read or written. Links cannot lead out of the folder, also not if
 * somebody swaps a folder for a link at that moment: the device opens first, and then asks the system where the open
 * file really is.
 */
import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, open, readlink, realpath, rename, unlink } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import type { Duplex } from 'node:stream'
import type { AccessOrder } from '@skerry/contract/access/access'
import { FRAME_BYTES_MAX, frameReader, writeFrame } from '@skerry/contract/access/shell-frame'
import { isBelow } from '@skerry/core/access/judge-grant'
import { systemCode } from '@skerry/platform/files/file-system'
import type { PreparedTarget } from '../streams/stream-desk.ts'

type Wish = AccessOrder['wish']

/** `folder`: of the grant. `own`: the agent's data folder, with the keys of the device. */
export type FilePlace = { folder: string; own: string }

/** Larger contents, such as images of disks, are no quick help. It also keeps a mistake from filling the disk. */
export const FILE_BYTES_MAX = 1024 * 1024 * 1024

/** Opens the file, or returns the reason why not. */
export async function fileTarget({ path = '/', direction = 'read' }: Wish, place: FilePlace): Promise<PreparedTarget> {
  try {
    return direction === 'read' ? await prepareRead(path, place) : await prepareWrite(path, place)
  } catch (error) {
    const code = systemCode(error)
    if (code === undefined) throw error
    return refuse('stream_refused', `${path} of the device cannot be opened (${code})`)
  }
}

const refuse = (code: 'stream_refused' | 'access_refused', message: string): PreparedTarget => ({
  ok: false,
  code,
  message,
})

/** [open(2)] No link as the last part; and no waiting for the other end of a pipe. */
const READ = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY
const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW

/** [proc_pid_fd(5)] The place of an open file, whatever its path means by now. */
const placeOf = ({ fd }: FileHandle) => `/proc/self/fd/${fd}`

/** Why the open file must not be used. */
async function trouble(handle: FileHandle, { folder, own }: FilePlace): Promise<string | undefined> {
  const real = await readlink(placeOf(handle))
  if (isBelow(real, await realpath(own))) return 'it is in the data folder of the agent, with the keys of the device'
  return isBelow(real, await realpath(folder)) ? undefined : `a link leads out of ${folder}`
}

async function prepareRead(path: string, place: FilePlace): Promise<PreparedTarget> {
  const handle = await open(path, READ)
  await using held = new AsyncDisposableStack()
  held.use(handle)
  const why = await trouble(handle, place)
  if (why !== undefined) return refuse('access_refused', `${path} is not read: ${why}`)
  const about = await handle.stat()
  if (!about.isFile()) return refuse('stream_refused', `${path} is no file`)
  if (about.size > FILE_BYTES_MAX) return refuse('stream_refused', `${path} is over 1 GiB`)
  held.move()
  return {
    ok: true,
    target: { run: (stream) => sendFile(handle, stream), [Symbol.dispose]: () => void handle.close().catch(ignore) },
  }
}

const ignore = () => undefined

async function sendFile(handle: FileHandle, stream: Duplex): Promise<void> {
  stream.resume()
  const buffer = Buffer.alloc(FRAME_BYTES_MAX)
  let exit = 0
  try {
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, buffer.length)
      if (bytesRead === 0 || !stream.writable) break
      // Copied by the frame, so that the buffer can be filled again.
      if (!stream.write(writeFrame('output', buffer.subarray(0, bytesRead)))) await drained(stream)
    }
  } catch (error) {
    exit = 1
    stream.write(writeFrame('errors', Buffer.from(`the file cannot be read (${systemCode(error) ?? error})\n`)))
  }
  await finish(stream, exit)
}

async function prepareWrite(path: string, place: FilePlace): Promise<PreparedTarget> {
  const folder = await open(dirname(path), FOLDER)
  await using held = new AsyncDisposableStack()
  held.use(folder)
  const why = await trouble(folder, place)
  if (why !== undefined) return refuse('access_refused', `${path} is not written: ${why}`)
  const name = basename(path)
  const draft = `${placeOf(folder)}/.${name}.${randomBytes(6).toString('hex')}`
  const handle = await open(draft, CREATE, 0o644)
  held.move()
  const target = { handle, draft, final: `${placeOf(folder)}/${name}` }
  return {
    ok: true,
    target: {
      run: (stream) => receiveFile(target, stream),
      [Symbol.dispose]: () => void discard(target).finally(() => folder.close().catch(ignore)),
    },
  }
}

type Draft = { handle: FileHandle; draft: string; final: string }

/** After the file has its name, there is no draft. */
async function discard({ handle, draft }: Draft): Promise<void> {
  await handle.close().catch(ignore)
  await unlink(draft).catch(ignore)
}

/** The file appears as a whole, or not at all. */
async function receiveFile(target: Draft, stream: Duplex): Promise<void> {
  try {
    if (await fillDraft(target.handle, stream)) {
      await target.handle.sync()
      await rename(target.draft, target.final)
      await finish(stream, 0)
    }
  } catch (error) {
    if (!stream.writable) return
    stream.write(writeFrame('errors', Buffer.from(`${error instanceof Error ? error.message : error}\n`)))
    await finish(stream, 1)
  }
}

/** True if the content came to its end. */
async function fillDraft(handle: FileHandle, stream: Duplex): Promise<boolean> {
  const read = frameReader()
  let bytes = 0
  const { promise, resolve, reject } = Promise.withResolvers<boolean>()
  let writing = Promise.resolve()
  stream.once('close', () => resolve(false))
  stream.on('data', (piece: Buffer) => {
    stream.pause()
    writing = writing
      .then(async () => {
        for (const { kind, content } of read(piece)) {
          bytes += content.byteLength
          if (bytes > FILE_BYTES_MAX) throw new Error('the file is over 1 GiB')
          if (kind === 'input') await handle.writeFile(content)
          if (kind === 'end') resolve(true)
        }
        stream.resume()
      })
      .catch(reject)
  })
  return promise
}

const drained = (stream: Duplex) =>
  new Promise<void>((resolve) => {
    stream.once('drain', resolve)
    stream.once('close', resolve)
  })

/** Sends the exit code, and waits until the other end has taken everything. */
async function finish(stream: Duplex, exit: number): Promise<void> {
  if (!stream.writable) return
  stream.write(writeFrame('exit', new Uint8Array([exit])))
  await new Promise<void>((resolve) => {
    stream.once('close', () => resolve())
    stream.end(() => resolve())
  })
}
