/** Sink text: a sink as somebody writes it in YAML, with what is wrong with it and in which line that stands. */
import type { ConnectionSpec } from '@skerry/contract/connections/connection'
import { SinkSpec } from '@skerry/contract/connections/connection-spec'
import { Sink } from '@skerry/contract/sinks/sink'
import { sourcesTexts } from '../sources/english-sources.ts'
import type { ReadText } from '../sources/source-text.ts'
import { readYamlText, usual } from '../sources/yaml-text.ts'

/** Reads one document; nothing at all where there is only white space. */
export function readSinkText(text: string): ReadText {
  const { value, flaws } = readYamlText<ConnectionSpec>(text, SinkSpec, (path, message) =>
    path.join('.') === 'protocol' ? `protocol: ${sourcesTexts.edit.protocol(PROTOCOLS)}` : usual(path, message),
  )
  return { spec: value, flaws }
}

/** Those that this hub knows. */
const PROTOCOLS = Sink.options.map(({ shape }) => shape.protocol.value)
