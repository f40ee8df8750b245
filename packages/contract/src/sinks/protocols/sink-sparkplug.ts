/** Sparkplug sink: an edge node, whose devices are the sources of the values. [Sparkplug 3.0.0] */
import * as z from 'zod'
import { SparkplugId } from '../../sources/protocols/source-sparkplug.ts'
import { TagName } from '../../sources/tag.ts'
import { Name } from '../../values/names.ts'
import { BrokerShape, brokerProblem } from '../broker.ts'

/** Setpoints and switches that a control room has for a line; all are in one birth. */
const TAGS_MAX = 500

/** As many as a device has sources. */
const SOURCES_MAX = 64

/** Tags that hosts may ask to have written, as far as the source lets each be. They are told as its source reads them, too. */
const SparkplugCommands = z.strictObject({
  source: Name,
  tags: z
    .array(TagName)
    .min(1)
    .max(TAGS_MAX)
    .refine((tags) => new Set(tags).size === tags.length, 'names a tag twice'),
})
export type SparkplugCommands = z.infer<typeof SparkplugCommands>

export const SparkplugSinkConnection = z
  .strictObject({
    ...BrokerShape,
    group: SparkplugId,
    /** Nobody else in the group may have the name. */
    node: SparkplugId,
    /** Values are kept while the host of this name is not there. */
    primaryHost: SparkplugId.optional(),
    /** Absent: no host writes anything through it. */
    commands: z
      .array(SparkplugCommands)
      .max(SOURCES_MAX)
      .refine((all) => new Set(all.map(({ source }) => source)).size === all.length, 'names a source twice')
      .default([]),
  })
  .superRefine((connection, context) => {
    const problem = brokerProblem(connection)
    if (problem !== undefined) context.addIssue({ code: 'custom', path: ['password'], message: problem })
  })
export type SparkplugSinkConnection = z.infer<typeof SparkplugSinkConnection>
