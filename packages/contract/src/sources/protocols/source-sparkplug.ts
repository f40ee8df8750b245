/** Sparkplug source: how its connection and its tags are written down. [Sparkplug 3.0.0] */
import * as z from 'zod'
import { BrokerShape, brokerProblem } from '../../sinks/broker.ts'
import { TagShape } from '../tag.ts'

/** [Sparkplug 4.1] Levels of a topic: neither a wildcard nor a slash. */
export const SparkplugId = z
  .string()
  .max(200)
  .regex(/^[^+#/\p{Cc}]+$/u, 'must have none of + # /')

export const SparkplugConnection = z
  .strictObject({
    ...BrokerShape,
    group: SparkplugId,
    /** We are the primary host of this name: nodes that wait for it keep what they have while it says nothing. Nobody else may be. */
    primaryHost: SparkplugId.optional(),
  })
  .superRefine((connection, context) => {
    const problem = brokerProblem(connection)
    if (problem !== undefined) context.addIssue({ code: 'custom', path: ['password'], message: problem })
  })
export type SparkplugConnection = z.infer<typeof SparkplugConnection>

export const SparkplugTag = z
  .strictObject({
    ...TagShape,
    node: SparkplugId,
    /** Absent: a metric of the node itself. */
    device: SparkplugId.optional(),
    metric: z.string().min(1).max(500),
  })
  .superRefine(({ mask, shift }, context) => {
    if (mask !== undefined || shift !== undefined) {
      context.addIssue({ code: 'custom', path: ['mask'], message: 'only registers are masked and shifted' })
    }
  })
export type SparkplugTag = z.infer<typeof SparkplugTag>
