/**
 * Sink: a destination for values that leave the device, and the queue until they have arrived. The further settings of
 * a protocol are in `sink-PROTOCOL.ts`.
 */
import * as z from 'zod'
import { Clearance } from '../values/clearance.ts'
import { Name } from '../values/names.ts'
import { AmqpConnection } from './protocols/sink-amqp.ts'
import { FileConnection } from './protocols/sink-file.ts'
import { InfluxConnection } from './protocols/sink-influx.ts'
import { KafkaConnection } from './protocols/sink-kafka.ts'
import { MqttSinkConnection } from './protocols/sink-mqtt.ts'
import { NatsConnection } from './protocols/sink-nats.ts'
import { PostgresConnection } from './protocols/sink-postgres.ts'
import { SparkplugSinkConnection } from './protocols/sink-sparkplug.ts'
import { WebhookConnection } from './protocols/sink-webhook.ts'
import { SinkBatching, SinkQueue } from './sink-queue.ts'

const SinkShape = {
  name: Name,
  /** The most sensitive values that the destination may get. Flows with other values for it are not started. */
  dataClass: Clearance.optional(),
  queue: SinkQueue.prefault({}),
  batch: SinkBatching.prefault({}),
}

export const WebhookSink = z.strictObject({
  ...SinkShape,
  protocol: z.literal('webhook'),
  connection: WebhookConnection,
})
export type WebhookSink = z.infer<typeof WebhookSink>

export const AmqpSink = z.strictObject({ ...SinkShape, protocol: z.literal('amqp'), connection: AmqpConnection })
export type AmqpSink = z.infer<typeof AmqpSink>

export const FileSink = z.strictObject({ ...SinkShape, protocol: z.literal('file'), connection: FileConnection })
export type FileSink = z.infer<typeof FileSink>

/** The hub that the device belongs to: `skerry telemetry` reads the values from there. */
export const HubSink = z.strictObject({ ...SinkShape, protocol: z.literal('hub') })
export type HubSink = z.infer<typeof HubSink>

export const InfluxSink = z.strictObject({
  ...SinkShape,
  protocol: z.literal('influx'),
  connection: InfluxConnection,
})
export type InfluxSink = z.infer<typeof InfluxSink>

export const KafkaSink = z.strictObject({ ...SinkShape, protocol: z.literal('kafka'), connection: KafkaConnection })
export type KafkaSink = z.infer<typeof KafkaSink>

export const NatsSink = z.strictObject({ ...SinkShape, protocol: z.literal('nats'), connection: NatsConnection })
export type NatsSink = z.infer<typeof NatsSink>

export const PostgresSink = z.strictObject({
  ...SinkShape,
  protocol: z.literal('postgres'),
  connection: PostgresConnection,
})
export type PostgresSink = z.infer<typeof PostgresSink>

export const MqttSink = z.strictObject({ ...SinkShape, protocol: z.literal('mqtt'), connection: MqttSinkConnection })
export type MqttSink = z.infer<typeof MqttSink>

export const SparkplugSink = z.strictObject({
  ...SinkShape,
  protocol: z.literal('sparkplug'),
  connection: SparkplugSinkConnection,
})
export type SparkplugSink = z.infer<typeof SparkplugSink>

export const Sink = z.discriminatedUnion('protocol', [
  AmqpSink,
  FileSink,
  HubSink,
  InfluxSink,
  KafkaSink,
  MqttSink,
  NatsSink,
  PostgresSink,
  SparkplugSink,
  WebhookSink,
])
export type Sink = z.infer<typeof Sink>
