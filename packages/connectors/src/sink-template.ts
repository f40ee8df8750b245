/** Sink template: a topic or key that is built from the origin of a value. */
import type { SinkValue } from '@skerry/contract/sinks/sink-value'

/**
 * Replaces each part in braces. A part that the value does not have becomes `-`. `slash` replaces the slash in the
 * names of signals.
 */
export const filledIn = (template: string, value: SinkValue, slash: '/' | '.' = '/'): string =>
  template.replaceAll(/\{(signal|source|tag|flow)\}/g, (_, part: 'signal' | 'source' | 'tag' | 'flow') =>
    (value[part] ?? '-').replaceAll('/', slash),
  )
