/**
 * File sink: appends to one open file, which is on the disk before a batch counts as delivered, and puts it aside under its time when it is full. What was
 * torn at its end by a power cut is cut off when it is opened again.
 */
import { chmod, type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { type OpenSink, type SendOutcome, type SinkDeps, SinkTrouble } from '@skerry/connectors/sink'
import type { FileFormat } from '@skerry/contract/sinks/protocols/sink-file'
import type { FileSink } from '@skerry/contract/sinks/sink'
import { type SinkBatch, sinkValueId } from '@skerry/contract/sinks/sink-value'
import { fileLine, headerOf } from './line.ts'
import { parquetOf } from './parquet.ts'

const ENDINGS = { 'json-lines': 'jsonl', csv: 'csv', parquet: 'parquet' } as const satisfies Record<FileFormat, string>

type Writing = {
  sink: FileSink
  clock: SinkDeps['clock']
  folder: string
  /** Whether other users of the device take the files. */
  isForOthers: boolean
  /** The file that is written to. */
  path: string
  file: FileHandle
  bytes: number
  begunMs: number
}

type Beginning = Pick<Writing, 'sink' | 'clock' | 'folder' | 'isForOthers'>

export const openFile: OpenSink<FileSink> = async (sink, { clock, folder: home }, signal) => {
  signal.throwIfAborted()
  const { folder } = sink.connection
  const inside = isAbsolute(folder) ? folder : join(home, folder)
  // The data folder is the agent's own; another folder is named so that somebody else takes the files.
  const isForOthers = isAbsolute(folder)
  const it = await troubled(() => begin({ sink, clock, folder: inside, isForOthers }))
  return {
    send: (batch) => troubled(() => write(it, batch)),
    [Symbol.asyncDispose]: () => it.file.close(),
  }
}

/** What a disk refuses today it may take tomorrow. */
async function troubled<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    const message = error instanceof Error ? error.message : String(error)
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') throw new SinkTrouble('sink_denied', message)
    throw new SinkTrouble(code === 'ENOSPC' || code === 'EDQUOT' ? 'sink_busy' : 'sink_unfit', message, {
      cause: error,
    })
  }
}

async function begin({ sink, clock, folder, isForOthers }: Beginning): Promise<Writing> {
  if ((await mkdir(folder, { recursive: true })) !== undefined && isForOthers) await chmod(folder, 0o755)
  const path = join(folder, `${sink.name}.open.${sink.connection.format === 'csv' ? 'csv' : 'jsonl'}`)
  const file = await open(path, 'a+')
  if (isForOthers) await file.chmod(0o644)
  const bytes = await cutTornLine(file)
  const { birthtimeMs } = await file.stat()
  return { sink, clock, folder, isForOthers, path, file, bytes, begunMs: bytes === 0 ? clock.nowMs() : birthtimeMs }
}

/** Gives how many bytes whole lines have. */
async function cutTornLine(file: FileHandle): Promise<number> {
  const { size } = await file.stat()
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - 65_536)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(end - start), 0, end - start, start)
    const at = buffer.subarray(0, bytesRead).lastIndexOf(0x0a)
    if (at >= 0) {
      await file.truncate(start + at + 1)
      return start + at + 1
    }
    end = start
  }
  await file.truncate(0)
  return 0
}

async function write(it: Writing, batch: SinkBatch): Promise<SendOutcome> {
  const { format, rotateBytes, rotateSeconds } = it.sink.connection
  const isOld = it.clock.nowMs() - it.begunMs >= rotateSeconds * 1_000
  if (it.bytes > 0 && (isOld || it.bytes >= rotateBytes)) await rotate(it)
  const lines = batch.values.map((value, index) => fileLine(format, sinkValueId(batch, batch.first + index), value))
  const bytes = Buffer.from((it.bytes === 0 ? headerOf(format) : '') + lines.join(''))
  try {
    await it.file.appendFile(bytes)
    await it.file.datasync()
  } catch (error) {
    // What arrived of it goes again, so that the next try does not begin in the middle of a line.
    await it.file.truncate(it.bytes).catch(() => undefined)
    throw error
  }
  it.bytes += bytes.length
  return { ok: true }
}

async function rotate(it: Writing): Promise<void> {
  const { folder, path, sink, clock } = it
  const { format } = sink.connection
  await it.file.close()
  const time = new Date(clock.nowMs()).toISOString().replaceAll(/[-:]|\.\d+/g, '')
  const complete = await freeName(join(folder, `${sink.name}-${time}`), ENDINGS[format])
  if (format === 'parquet') {
    const half = `${complete}.half`
    await writeFile(half, parquetOf(await readFile(path, 'utf8')), { flush: true })
    await chmod(half, (await stat(path)).mode & 0o777)
    await rename(half, complete)
    await rm(path)
  } else await rename(path, complete)
  Object.assign(it, await begin(it))
  await removeOldest(it)
}

/** Two within a second have a number each; a power cut after the name was taken leaves the same values twice, with their ids. */
async function freeName(stem: string, ending: string): Promise<string> {
  for (let number = 0; ; number += 1) {
    const path = `${stem}-${String(number).padStart(4, '0')}.${ending}`
    const known = await stat(path).catch(() => undefined)
    if (!known) return path
  }
}

async function removeOldest({ folder, sink }: Writing): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.startsWith(`${sink.name}-`) && !name.endsWith('.half'))
  const surplus = names.sort().slice(0, Math.max(0, names.length - sink.connection.filesMax))
  for (const name of surplus) await rm(join(folder, name))
}
