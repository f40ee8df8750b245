/** MQTT sink: each value is published as JSON, on a topic made of the value's origin. */
import * as z from 'zod'
import { BrokerShape, brokerProblem } from '../broker.ts'

/** Parts in braces are filled in: `signal` always has one; the others are `-` if a value has none. */
const TopicTemplate = z
  .string()
  .min(1)
  .max(500)
  .regex(
    /^([^+#{}\p{Cc}]|\{(signal|source|tag|flow)\})+$/u,
    'must be a topic; {signal}, {source}, {tag} and {flow} are put in',
  )

export const MqttSinkConnection = z
  .strictObject({
    ...BrokerShape,
    topic: TopicTemplate.default('skerry/{signal}'),
    /** The broker keeps the newest value of each topic for later subscribers. */
    retain: z.boolean().default(false),
  })
  .superRefine((connection, context) => {
    const problem = brokerProblem(connection)
    if (problem !== undefined) context.addIssue({ code: 'custom', path: ['password'], message: problem })
  })
export type MqttSinkConnection = z.infer<typeof MqttSinkConnection>
