/** MQTT sink: each value is published as JSON, on a topic that is made of where it is from. */
import * as z from 'zod'
import { BrokerShape, brokerProblem } from '../broker.ts'

/** Of which a part in braces is put in: `signal` always has one; the others are `-` where a value has none. */
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
    /** The broker keeps the newest of each topic for who comes later. */
    retain: z.boolean().default(false),
  })
  .superRefine((connection, context) => {
    const problem = brokerProblem(connection)
    if (problem !== undefined) context.addIssue({ code: 'custom', path: ['password'], message: problem })
  })
export type MqttSinkConnection = z.infer<typeof MqttSinkConnection>
