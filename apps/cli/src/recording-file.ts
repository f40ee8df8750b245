/** Recording file: samples, one a line of JSON, as they came into a flow. Read and written line by line: a day of a plant fits no memory. */
import { createReadStream, createWriteStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { FlowGolden, FlowSample } from '@skerry/contract/flow-recording'
import { fail } from './failure.ts'
import { readText, unreadable } from './input-file.ts'

/** Fails with `file_invalid` at the first line that is no sample. */
export async function* readRecording(path: string): AsyncGenerator<FlowSample> {
  let line = 0
  try {
    for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
      line += 1
      if (text.trim() === '') continue
      const sample = FlowSample.safeParse(parse(text))
      if (!sample.success) {
        const [issue] = sample.error.issues
        throw fail('file_invalid', `${path}:${line}: ${issue?.path.join('.') || 'the line'}: ${issue?.message}`)
      }
      yield sample.data
    }
  } catch (cause) {
    if (cause instanceof Error && 'syscall' in cause) throw unreadable(path, cause)
    throw cause
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

export type RecordingWriter = AsyncDisposable & { write(samples: readonly FlowSample[]): void }

/** Writes a file that was not there. Readings that came in the same millisecond are told apart, as the flow took them. */
export async function openRecording(path: string): Promise<RecordingWriter> {
  const stream = createWriteStream(path, { flags: 'wx' })
  await new Promise<void>((resolve, reject) => {
    stream.once('open', () => resolve())
    stream.once('error', (cause) => reject(fail('file_unwritable', `cannot write ${path}: ${cause.message}`)))
  })
  let lastMs = Number.NaN
  return {
    write(samples) {
      for (const [at, sample] of samples.entries()) {
        const isApart = at === 0 && sample.receivedTimeMs === lastMs
        stream.write(`${JSON.stringify(isApart ? { ...sample, apart: true } : sample)}\n`)
        lastMs = sample.receivedTimeMs
      }
    },
    [Symbol.asyncDispose]: () => new Promise((resolve) => stream.end(() => resolve())),
  }
}

/** Fails with `file_invalid`. */
export async function readFlowGolden(path: string): Promise<FlowGolden> {
  const golden = FlowGolden.safeParse(parse(await readText(path)))
  if (golden.success) return golden.data
  const [issue] = golden.error.issues
  throw fail('file_invalid', `${path}: ${issue?.path.join('.') || 'the file'}: ${issue?.message}`)
}
