/** MQTT source: how its connection and its tags are written down. [MQTT 3.1.1 and 5.0, OASIS] */
import * as z from 'zod'
import { BrokerShape, brokerProblem, Qos, Topic, TopicFilter } from '../../sinks/broker.ts'
import { JsonPath, JsonTime } from '../../values/json-path.ts'
import { TagShape } from '../tag.ts'

export const MqttConnection = z
  .strictObject({
    ...BrokerShape,
    qos: Qos.default(1),
    /** `persistent`: the broker keeps what was sent while the connection was away, as long as it is told and has room. */
    session: z.enum(['clean', 'persistent']).default('clean'),
    /** Of a persistent one, where the version is 5. */
    sessionKeptSeconds: z.int().min(1).max(604_800).default(86_400),
    /** Asked for in place of the topics of the tags: with wildcards a few stand for thousands. Each tag's topic must be in one. */
    subscribe: z.array(TopicFilter).min(1).max(100).optional(),
  })
  .superRefine((connection, context) => {
    const problem = brokerProblem(connection)
    if (problem !== undefined) context.addIssue({ code: 'custom', path: ['password'], message: problem })
    if (connection.session === 'persistent' && connection.clientId === undefined) {
      const message = 'a persistent session belongs to a clientId: give it one that nobody else has'
      context.addIssue({ code: 'custom', path: ['clientId'], message })
    }
  })
export type MqttConnection = z.infer<typeof MqttConnection>

/** Where `{{value}}` stands comes the value. A message to a machine is short. */
export const PayloadTemplate = z
  .string()
  .max(10_000)
  .refine((text) => text.includes('{{value}}'), 'must have {{value}} where the value comes')

export const MqttTag = z
  .strictObject({
    ...TagShape,
    topic: Topic,
    /** `json`: a value, or the part of it that `path` names; `number`, `text`: the message as text; `bytes`: an array of numbers from 0 to 255. */
    format: z.enum(['json', 'number', 'text', 'bytes']).default('json'),
    path: JsonPath.optional(),
    time: JsonTime.optional(),
    /** Without a message for so long the value is bad. Else the last one counts, however old. */
    staleAfterMs: z.int().min(100).max(604_800_000).optional(),
    /** What is published to write the tag. That it was taken shows in a message on `topic`. */
    command: z
      .strictObject({
        topic: Topic,
        payload: PayloadTemplate.default('{{value}}'),
        retain: z.boolean().default(false),
      })
      .optional(),
  })
  .superRefine((tag, context) => {
    const say = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message })
    if (tag.format !== 'json' && tag.path !== undefined) say('path', 'only json has a path')
    if (tag.format !== 'json' && tag.time !== undefined) say('time', 'only json holds a time')
    if (tag.mask !== undefined || tag.shift !== undefined) say('mask', 'only registers are masked and shifted')
    if ((tag.write === undefined) !== (tag.command === undefined)) {
      say('command', 'what is written needs a command, and a command needs write')
    }
  })
export type MqttTag = z.infer<typeof MqttTag>
