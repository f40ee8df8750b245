/** HTTP source: equipment that is asked by GET and answers in JSON. [RFC 9110] */
import * as z from 'zod'
import { PauseBetweenRequests } from '../../deployments/pauses.ts'
import { SecretReference } from '../../secrets/secret-reference.ts'
import { Tls } from '../../sinks/broker.ts'
import { HttpAddress } from '../../sinks/protocols/sink-webhook.ts'
import { JsonPath, JsonTime } from '../../values/json-path.ts'
import { TagShape } from '../tag.ts'
import { PayloadTemplate } from './source-mqtt.ts'

/** [RFC 9110, 5.1] */
const HeaderName = z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/, 'must be the name of an HTTP header')

export const HttpConnection = z.strictObject({
  /** Sent with every request. A secret is the whole value of its header. */
  headers: z
    .record(HeaderName, z.union([z.string().max(1_000), SecretReference]))
    .refine((headers) => Object.keys(headers).length <= 20, 'at most 20 headers')
    .default({}),
  /** [RFC 6750, 2.1] */
  bearer: SecretReference.optional(),
  tls: Tls.optional(),
  timeoutMs: z.int().min(100).max(60_000).default(5_000),
  /** A longer answer is given up: equipment that goes on for ever would fill the memory. */
  bytesMax: z.int().min(1_024).max(67_108_864).default(1_048_576),
  ...PauseBetweenRequests,
})
export type HttpConnection = z.infer<typeof HttpConnection>

/** One request answers all tags of a group. */
export const HttpGroupShape = { url: HttpAddress }

export const HttpTag = z
  .strictObject({
    ...TagShape,
    /** Absent: the whole answer. */
    path: JsonPath.optional(),
    time: JsonTime.optional(),
    /** What is sent to write the tag. */
    command: z
      .strictObject({
        url: HttpAddress,
        method: z.enum(['PUT', 'POST', 'PATCH']).default('PUT'),
        payload: PayloadTemplate.default('{{value}}'),
      })
      .optional(),
  })
  .superRefine((tag, context) => {
    const say = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message })
    if (tag.mask !== undefined || tag.shift !== undefined) say('mask', 'only registers are masked and shifted')
    if ((tag.write === undefined) !== (tag.command === undefined)) {
      say('command', 'what is written needs a command, and a command needs write')
    }
  })
export type HttpTag = z.infer<typeof HttpTag>
