/** Recording file: samples, one a line of JSON, as they came into a flow. Read and written line by line: a day of a plant fits no memory. */
import { createReadStream, createWriteStream, writeFileSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { FlowGolden, FlowSample } from '@skerry/contract/flows/flow-recording'
import type { Image } from '@skerry/core/equipment/image'
import type { ReplaySample } from '@skerry/flows/replay/replay'
import * as z from 'zod'
import { fail } from '../../program/failure.ts'
import { readText, unreadable } from '../../program/input-file.ts'
import { endingOf, pictureBytes, pictureIn } from '../../program/terminal/picture-file.ts'

/** What a line may say besides its sample: the file of the picture that came with it, in the folder beside the recording. */
const PictureName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/, 'must be the name of a file in that folder')
const folderOf = (recording: string) => `${recording}.pictures`

type Line = { place: string; sample: FlowSample; picture: string | undefined }

/** Fails with `file_invalid` at the first line that is no sample, or has a picture: these stay on this machine. */
export async function* readRecording(path: string): AsyncGenerator<FlowSample> {
  for await (const { place, sample, picture } of readLines(path)) {
    if (picture === undefined) yield sample
    else
      throw fail(
        'file_invalid',
        `${place}: it has a picture, and pictures do not leave the machine: record without --pictures`,
      )
  }
}

/** As `readRecording`, with the pictures of those that have one. */
export async function* readWithPictures(path: string): AsyncGenerator<ReplaySample> {
  for await (const { place, sample, picture } of readLines(path)) {
    if (picture === undefined) yield sample
    else yield { ...sample, image: await readPicture(join(folderOf(path), picture), place) }
  }
}

async function readPicture(path: string, place: string): Promise<Image> {
  const bytes = await readFile(path).catch((cause) => Promise.reject(unreadable(path, cause)))
  const image = pictureIn(bytes)
  if (!image) throw fail('file_invalid', `${place}: ${path} is not a picture in PPM (P6) or PGM (P5) with 8 bits`)
  return image
}

async function* readLines(path: string): AsyncGenerator<Line> {
  let line = 0
  try {
    for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
      line += 1
      if (text.trim() === '') continue
      yield lineIn(text, `${path}:${line}`)
    }
  } catch (cause) {
    if (cause instanceof Error && 'syscall' in cause) throw unreadable(path, cause)
    throw cause
  }
}

function lineIn(text: string, place: string): Line {
  const said = parse(text)
  const { picture, ...rest } =
    typeof said === 'object' && said !== null && 'picture' in said ? said : { picture: undefined }
  const sample = FlowSample.safeParse(picture === undefined ? said : rest)
  const name = PictureName.optional().safeParse(picture)
  const [issue] = [...(sample.error?.issues ?? []), ...(name.error?.issues ?? [])]
  if (issue || !sample.success) {
    throw fail('file_invalid', `${place}: ${issue?.path.join('.') || 'the line'}: ${issue?.message}`)
  }
  return { place, sample: sample.data, picture: name.data }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** By their tags, as a reading has them. */
type Images = ReadonlyMap<string, Image>
export type RecordingWriter = AsyncDisposable & { write(samples: readonly FlowSample[], images?: Images): void }

/**
 * Writes a file that was not there. Readings that came in the same millisecond are told apart, as the flow took them. With `pictures`, a folder beside it
 * has those of cameras, for nobody else on this machine. What cannot be written, as on a full disk, ends it; its end says so.
 */
export async function openRecording(path: string, { pictures }: { pictures: boolean }): Promise<RecordingWriter> {
  const unwritable = (cause: Error) => fail('file_unwritable', `cannot write ${path}: ${cause.message}`)
  if (pictures) await mkdir(folderOf(path), { mode: 0o700 }).catch((cause) => Promise.reject(unwritable(cause)))
  const stream = createWriteStream(path, { flags: 'wx' })
  await new Promise<void>((resolve, reject) => {
    stream.once('open', () => resolve())
    stream.once('error', (cause) => reject(unwritable(cause)))
  })
  let broken: Error | undefined
  stream.on('error', (cause) => {
    broken ??= cause
  })
  let lastMs = Number.NaN
  let count = 0
  const keep = (image: Image): string => {
    count += 1
    const name = `${String(count).padStart(6, '0')}.${endingOf(image)}`
    // At once, so that a disk that is slow holds pictures back rather than gathers them in memory.
    writeFileSync(join(folderOf(path), name), pictureBytes(image), { mode: 0o600 })
    return name
  }
  const writeLine = (sample: FlowSample, isFirst: boolean, images?: Images) => {
    const isApart = isFirst && sample.receivedTimeMs === lastMs
    const image = pictures && sample.quality !== 'bad' ? images?.get(sample.tag) : undefined
    const line = { ...sample, ...(isApart && { apart: true }), ...(image && { picture: keep(image) }) }
    stream.write(`${JSON.stringify(line)}\n`)
    lastMs = sample.receivedTimeMs
  }
  return {
    write(samples, images) {
      try {
        for (const [at, sample] of samples.entries()) if (!broken) writeLine(sample, at === 0, images)
      } catch (cause) {
        broken = cause instanceof Error ? cause : new Error(String(cause))
      }
    },
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => stream.end(() => resolve()))
      if (broken) throw unwritable(broken)
    },
  }
}

/** Fails with `file_invalid`. */
export async function readFlowGolden(path: string): Promise<FlowGolden> {
  const golden = FlowGolden.safeParse(parse(await readText(path)))
  if (golden.success) return golden.data
  const [issue] = golden.error.issues
  throw fail('file_invalid', `${path}: ${issue?.path.join('.') || 'the file'}: ${issue?.message}`)
}
