/** Sink text: a sink as a person writes it in YAML, with its errors and their lines. */
import type { ConnectionSpec } from '@skerry/contract/connections/connection'
import { SinkSpec } from '@skerry/contract/connections/connection-spec'
import { Sink } from '@skerry/contract/sinks/sink'
import { sourcesTexts } from '../sources/english-sources.ts'
import type { ReadText } from '../sources/source-text.ts'
import { readYamlText, usual } from '../sources/yaml-text.ts'

/** Reads one document. White space alone has neither a sink nor errors. */
export function readSinkText(text: string): ReadText {
  const { value, flaws } = readYamlText<ConnectionSpec>(text, SinkSpec, (path, message) =>
    path.join('.') === 'protocol' ? `protocol: ${sourcesTexts.edit.protocol(PROTOCOLS)}` : usual(path, message),
  )
  return { spec: value, flaws }
}

/** The protocols that this hub knows. */
const PROTOCOLS = Sink.options.map(({ shape }) => shape.protocol.value)
