/** Sink file: a sink that a person wrote in YAML. It is checked, and otherwise stays as it was written. */

import { readYaml } from '@skerry/client/manifests/yaml-documents'
import type { ConnectionSpec } from '@skerry/contract/connections/connection'
import { SinkSpec } from '@skerry/contract/connections/connection-spec'
import { Sink } from '@skerry/contract/sinks/sink'
import { fail } from '../../program/failure.ts'
import { readText } from '../../program/input-file.ts'

/** A file has one sink. Fails with `file_invalid`, and names all errors. */
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
