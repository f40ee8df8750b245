/** AMQP sink: each value is a persistent message of JSON to an exchange, with a routing key that is made of where it is from. [AMQP 0-9-1] */
import * as z from 'zod'
import { SecretReference } from '../../secrets/secret-reference.ts'
import { Host, Tls } from '../broker.ts'

/** [AMQP 0-9-1, 4.2.5.3] Names are short strings. */
const NAME_BYTES_MAX = 255

const ExchangeName = z
  .string()
  .max(NAME_BYTES_MAX)
  .regex(
    /^[A-Za-z0-9_.:-]*$/,
    'must be the name of an exchange: letters, digits, _ . : and -; empty is the default one',
  )

const RoutingKey = z
  .string()
  .min(1)
  .max(NAME_BYTES_MAX)
  .regex(
    /^([^{}\p{Cc}]|\{(signal|source|tag|flow)\})+$/u,
    'must be a routing key; {signal}, {source}, {tag} and {flow} are put in',
  )

export const AmqpConnection = z.strictObject({
  host: Host,
  /** 5672, or 5671 with TLS. */
  port: z.int().min(1).max(65_535).optional(),
  tls: Tls.optional(),
  vhost: z.string().min(1).max(NAME_BYTES_MAX).default('/'),
  user: z.string().min(1).max(1_000),
  password: SecretReference,
  /** It has to be there. Empty, the routing key is the name of a queue. */
  exchange: ExchangeName.default('amq.topic'),
  /** What is put in has a `.` for each `/`, which parts the words of a topic exchange. */
  routingKey: RoutingKey.default('{signal}'),
  /** Off where values may go nowhere: else what no queue is bound for is an error. */
  mandatory: z.boolean().default(true),
  /** Nothing was heard for twice as long: the broker is given up. */
  heartbeatSeconds: z.int().min(1).max(3_600).default(15),
  timeoutMs: z.int().min(100).max(120_000).default(10_000),
})
export type AmqpConnection = z.infer<typeof AmqpConnection>
