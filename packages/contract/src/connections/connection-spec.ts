/**
 * Connection spec: what a person wrote of a source or a sink, checked and otherwise left as it is: what it does not say is filled in by whoever runs it, so that a
 * device of an older version is not told of what it does not know.
 */
import type * as z from 'zod'
import { Sink } from '../sinks/sink.ts'
import { Source } from '../sources/source.ts'
import { ConnectionSpec } from './connection.ts'

/** A file with more mistakes than these has one that repeats. */
const MISTAKES_SHOWN = 20

const checkedBy = (schema: z.ZodType) =>
  ConnectionSpec.superRefine((written, context) => {
    const { error } = schema.safeParse(written)
    for (const { path, message } of error?.issues.slice(0, MISTAKES_SHOWN) ?? []) {
      context.addIssue({ code: 'custom', path, message })
    }
  })

export const SourceSpec = checkedBy(Source)
export const SinkSpec = checkedBy(Sink)

/** What a list shows of it; a sink has no tags. Only of what has been checked. */
export function outlineOf({ protocol, groups }: ConnectionSpec): { protocol: string; tags: number | null } {
  const tags = Array.isArray(groups) ? groups.reduce((sum: number, group) => sum + tagsIn(group), 0) : null
  return { protocol: String(protocol), tags }
}

function tagsIn(group: unknown): number {
  const { tags } = typeof group === 'object' && group !== null && 'tags' in group ? group : { tags: [] }
  return Array.isArray(tags) ? tags.length : 0
}
