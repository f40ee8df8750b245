/**
 * Sink file: a sink that a person wrote in YAML, or as options of the command line. It is checked, and otherwise stays
 * as it was written.
 */
import { readYaml } from '@skerry/client/manifests/yaml-documents'
import type { ConnectionSpec } from '@skerry/contract/connections/connection'
import { SinkSpec } from '@skerry/contract/connections/connection-spec'
import { Sink } from '@skerry/contract/sinks/sink'
import { Document, isMap, parse } from 'yaml'
import { fail, wrongUsage } from '../../program/failure.ts'
import { readText } from '../../program/input-file.ts'

export const SINK_PROTOCOLS = Sink.options.map(({ shape }) => shape.protocol.value)

/** A file has one sink. Fails with `file_invalid`, and names all errors. */
export const writtenSink = async (file: string): Promise<ConnectionSpec> =>
  sinkIn(await readText(file), { file, placeOf: ({ place }) => `${place}: ` })

/** One field of a sink, such as `connection.host`, and its value. */
export type SinkField = { path: string[]; value: unknown }

/** `FIELD=VALUE`; the value is YAML, as in a file. */
export function parseField(text: string): SinkField {
  const [, field = '', written = ''] = /^([A-Za-z][\w.]*)=(.*)$/s.exec(text) ?? []
  if (field === '') throw new Error('must look like connection.host=db.plant.example')
  try {
    return { path: field.split('.'), value: parse(written) }
  } catch (cause) {
    throw new Error(`${field} is not a value of YAML; put it in quotation marks`, { cause })
  }
}

/** The sink that options describe. Fails with `file_invalid`, and names all errors. */
export function sinkOf(base: { name: string; protocol: string }, fields: readonly SinkField[]): ConnectionSpec {
  const document = new Document(base)
  for (const { path, value } of fields) {
    // [yaml, Document.setIn] It throws if the path leads through a value that has no fields.
    if (!path.slice(0, -1).every((_, index) => isOpen(document, path.slice(0, index + 1))))
      throw wrongUsage(`--set ${path.join('.')}: another --set gives a value to a part of this field`)
    document.setIn(path, document.createNode(value))
  }
  return sinkIn(document.toString(), { file: base.name, placeOf: () => '' })
}

/** Whether the field is missing or has fields of its own. */
function isOpen(document: Document, path: readonly string[]): boolean {
  const value: unknown = document.getIn(path, true)
  return value === undefined || isMap(value)
}

type Origin = { file: string; placeOf: (problem: { place: string }) => string }

function sinkIn(text: string, { file, placeOf }: Origin): ConnectionSpec {
  const { problems } = readYaml(text, { file, schema: Sink, choice: { field: 'protocol', of: SINK_PROTOCOLS } })
  const { values } = readYaml(text, { file, schema: SinkSpec, choice: { field: '', of: [] } })
  const [first, second] = values
  const found = problems.map(({ place, message }) => `${placeOf({ place })}${message}`)
  if (second) found.push(`${second.place}: a file has one sink, so that each can be set and changed alone`)
  if (found.length === 0 && !first) found.push(`${file}: the file has no sink`)
  if (!first || found.length > 0) throw fail('file_invalid', found.join('\n'))
  return first.value
}
