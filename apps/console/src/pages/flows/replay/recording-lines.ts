/** Recording lines: the samples of a recording, read piece by piece; the first line that is none ends it, with its number. */
import { FlowSample } from '@skerry/contract/flows/flow-recording'

/** Four times what travels with a flow: what is longer takes a machine minutes, and the command line is there for that. */
export const REPLAY_BYTES_MAX = 64 * 1024 * 1024

/** Of a file, up to so many bytes of a sample: what has no end of line is no recording. */
const LINE_MAX = 1024 * 1024

/** `onBytes` hears how far it is. */
export async function* samplesOf(recording: Blob, onBytes: (done: number) => void): AsyncGenerator<FlowSample> {
  const decoder = new TextDecoder()
  const reader = recording.stream().getReader()
  let rest = ''
  let line = 0
  let done = 0
  for (let next = await reader.read(); ; next = await reader.read()) {
    done += next.value?.length ?? 0
    const lines = (rest + decoder.decode(next.value, { stream: !next.done })).split('\n')
    rest = next.done ? '' : (lines.pop() ?? '')
    if (rest.length > LINE_MAX) throw new Error(`line ${line + lines.length + 1} is too long for a sample`)
    for (const text of lines) {
      line += 1
      if (text.trim() !== '') yield sampleIn(text, line)
    }
    onBytes(done)
    if (next.done) return
  }
}

function sampleIn(text: string, line: number): FlowSample {
  const said = parsed(text)
  if (typeof said === 'object' && said !== null && 'picture' in said)
    throw new Error(`line ${line} has a picture, and pictures stay on their machine: skerry flow replay takes them`)
  const sample = FlowSample.safeParse(said)
  if (sample.success) return sample.data
  const [issue] = sample.error.issues
  throw new Error(`line ${line}: ${issue?.path.join('.') || 'the line'}: ${issue?.message}`)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
