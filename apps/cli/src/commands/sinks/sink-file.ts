/** Sink file: the sink that a person wrote down in YAML, checked, and otherwise as they wrote it. */
import type { ConnectionSpec } from '@skerry/contract/connections/connection'
import { SinkSpec } from '@skerry/contract/connections/connection-spec'
import { Sink } from '@skerry/contract/sinks/sink'
import { fail } from '../../program/failure.ts'
import { readText } from '../../program/input-file.ts'
import { readYaml } from '../../program/yaml-documents.ts'

/** One sink a file. Fails with `file_invalid`, and all that is wrong. */
export async function writtenSink(file: string): Promise<ConnectionSpec> {
  const text = await readText(file)
  const choice = { field: 'protocol', of: Sink.options.map(({ shape }) => shape.protocol.value) }
  const { problems } = readYaml(text, { file, schema: Sink, choice })
  const { values } = readYaml(text, { file, schema: SinkSpec, choice: { field: '', of: [] } })
  const [first, second] = values
  const found = problems.map(({ place, message }) => `${place}: ${message}`)
  if (second) found.push(`${second.place}: a file has one sink, so that each can be set and changed alone`)
  if (found.length === 0 && !first) found.push(`${file}: the file has no sink`)
  if (!first || found.length > 0) throw fail('file_invalid', found.join('\n'))
  return first.value
}
