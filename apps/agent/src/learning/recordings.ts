/**
 * Recordings: rows of history that a person has imported on the device, from which a learning may begin. They never pass
 * the hub.
 *
 *     learning-recordings/NAME.json   its tags and the time between two rows; written last
 *     learning-recordings/NAME.f64    its rows
 */
import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { LearningSpec } from '@skerry/contract/learning/learning'
import { RECORDING_UNFIT, RECORDING_UNKNOWN } from '@skerry/contract/learning/result'
import { encodeRow, rowChunks } from '@skerry/inference/learn/recorded-rows'
import * as z from 'zod'

const Note = z.object({ tags: z.array(z.string()), everyMs: z.number(), rows: z.number() })

export type RecordingNote = z.infer<typeof Note>

const folderIn = (data: string) => join(data, 'learning-recordings')

/** The files of a recording. */
export const recordingPaths = (data: string, name: string): { notePath: string; rowsPath: string } => ({
  notePath: join(folderIn(data), `${name}.json`),
  rowsPath: join(folderIn(data), `${name}.f64`),
})

/** Replaces a recording of this name. */
export async function saveRecording(
  data: string,
  name: string,
  { note, rows }: { note: RecordingNote; rows: Iterable<{ timeMs: number; values: readonly number[] }> },
): Promise<void> {
  const folder = folderIn(data)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const notePath = join(folder, `${name}.json`)
  await rm(notePath, { force: true })
  {
    await using file = await open(join(folder, `${name}.f64`), 'w', 0o600)
    for (const { timeMs, values } of rows) await file.appendFile(encodeRow(timeMs, values))
    await file.datasync()
  }
  await writeFile(`${notePath}.part`, JSON.stringify(note), { mode: 0o600 })
  await rename(`${notePath}.part`, notePath)
}

export type RecordingProblem = { code: string; message: string; advice: string }

/** Rows further from the wished pace than this factor are another pace. */
const PACE_FACTOR = 1.5

/** Writes the rows of the tags of a learning. Undefined if that went well. */
export async function copyRecording(
  data: string,
  { recording = '', tags, everyMs }: Pick<LearningSpec, 'recording' | 'tags' | 'everyMs'>,
  rowsPath: string,
): Promise<RecordingProblem | undefined> {
  const folder = folderIn(data)
  const note = await readNote(join(folder, `${recording}.json`))
  if (!note)
    return {
      code: RECORDING_UNKNOWN,
      message: `the device has no recording ${recording}`,
      advice: `import it on the device with "skerry agent --import-history ${recording} --csv FILE", and start again`,
    }
  const unknown = tags.find((tag) => !note.tags.includes(tag))
  if (unknown !== undefined)
    return {
      code: RECORDING_UNFIT,
      message: `the recording ${recording} has no tag ${unknown}; it has ${note.tags.join(', ')}`.slice(0, 500),
      advice: 'name tags of the recording that the source has too',
    }
  const factor = note.everyMs / everyMs
  if (factor > PACE_FACTOR || factor < 1 / PACE_FACTOR)
    return {
      code: RECORDING_UNFIT,
      message: `the recording has a row each ${note.everyMs} ms, and the learning wants one each ${everyMs} ms`,
      advice: `start again with --every-ms ${note.everyMs}: the alarm must see rows of the same pace`,
    }
  await writeTags(join(folder, `${recording}.f64`), rowsPath, { note, tags })
  return undefined
}

async function readNote(path: string): Promise<RecordingNote | undefined> {
  try {
    return Note.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch {
    return undefined
  }
}

type Columns = { note: RecordingNote; tags: readonly string[] }

async function writeTags(from: string, to: string, { note, tags }: Columns): Promise<void> {
  const columns = tags.map((tag) => note.tags.indexOf(tag))
  {
    await using file = await open(`${to}.part`, 'w', 0o600)
    for await (const rows of rowChunks(from, note.tags.length)) {
      const lines = rows.map((row) =>
        encodeRow(
          row.readDoubleLE(0),
          columns.map((column) => row.readDoubleLE(8 * (column + 1))),
        ),
      )
      await file.appendFile(Buffer.concat(lines))
    }
    await file.datasync()
  }
  await rename(`${to}.part`, to)
}
