/** Sink template: a topic or key that is made of where a value is from. */
import type { SinkValue } from '@skerry/contract/sinks/sink-value'

/** Each part in braces is put in; what a value does not have is `-`. `slash` stands for the one that signals have. */
export const filledIn = (template: string, value: SinkValue, slash: '/' | '.' = '/'): string =>
  template.replaceAll(/\{(signal|source|tag|flow)\}/g, (_, part: 'signal' | 'source' | 'tag' | 'flow') =>
    (value[part] ?? '-').replaceAll('/', slash),
  )
