/** Sparkplug sink: an edge node, whose devices are the sources of the values. [Sparkplug 3.0.0] */
import * as z from 'zod'
import { BrokerShape, brokerProblem } from './broker.ts'
import { SparkplugId } from './source-sparkplug.ts'

export const SparkplugSinkConnection = z
  .strictObject({
    ...BrokerShape,
    group: SparkplugId,
    /** Nobody else in the group may have the name. */
    node: SparkplugId,
    /** Values are kept while the host of this name is not there. */
    primaryHost: SparkplugId.optional(),
  })
  .superRefine((connection, context) => {
    const problem = brokerProblem(connection)
    if (problem !== undefined) context.addIssue({ code: 'custom', path: ['password'], message: problem })
  })
export type SparkplugSinkConnection = z.infer<typeof SparkplugSinkConnection>
