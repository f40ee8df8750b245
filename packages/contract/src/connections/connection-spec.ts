/**
 * Connection spec: a person's spec of a source or a sink, checked and otherwise unchanged. The device that runs it
 * fills in the defaults. So a device of an older version does not receive fields that it does not know.
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

/** The fields that a list shows; a sink has no tags. The spec must have been checked before. */
export function outlineOf({ protocol, groups }: ConnectionSpec): { protocol: string; tags: number | null } {
  const tags = Array.isArray(groups) ? groups.reduce((sum: number, group) => sum + tagsIn(group), 0) : null
  return { protocol: String(protocol), tags }
}

function tagsIn(group: unknown): number {
  const { tags } = typeof group === 'object' && group !== null && 'tags' in group ? group : { tags: [] }
  return Array.isArray(tags) ? tags.length : 0
}
