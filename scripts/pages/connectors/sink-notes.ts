/** Sink notes: the hand-written part of the page of each protocol of sinks. */
import type { Sink } from '@skerry/contract/sinks/sink'
import type { ConnectorNote } from './source-notes.ts'

const BROKER_TLS = [
  'Without `tls` everybody on the network path reads the password and all values.',
  '`tls` checks the certificate of the broker.',
]

export const sinkNotes: Readonly<Record<Sink['protocol'], ConnectorNote>> = {
  amqp: {
    title: 'AMQP 0-9-1',
    prepare: [
      'Create the exchange, unless you use `amq.topic`, and bind a durable queue to it.',
      'Create a user that may write to the exchange.',
    ],
    security: [...BROKER_TLS, 'With a certificate of the device the broker also checks the device.'],
    example: 'sinks/plant-amqp.yaml',
    sections: ['amqp'],
    tests: ['test/sinks/amqp.test.ts'],
  },
  file: {
    title: 'Files (JSON lines, CSV, Parquet)',
    prepare: ['Create the folder, and let the user of the agent write there.'],
    security: ['The permissions of the file system.'],
    example: 'sinks/daily-parquet.yaml',
    sections: ['file'],
    tests: ['src/file/sink.test.ts'],
  },
  hub: {
    title: 'The hub',
    prepare: ['Nothing: the queue exists as soon as a flow sends a value there.'],
    security: ['The link of the device to its hub: TLS with certificates of both sides.'],
    example: 'flows/pump-alarm/flow.yaml',
    sections: ['hub'],
    tests: ['test/sinks/sink-host.test.ts'],
  },
  influx: {
    title: 'InfluxDB',
    prepare: ['Create the database or bucket, and a user or token that may write to it.'],
    security: ['`http://` has no protection.', '`https://` checks the certificate of the server.'],
    example: 'sinks/history-influx.yaml',
    sections: ['influx'],
    tests: ['src/influx/line.test.ts'],
  },
  kafka: {
    title: 'Kafka',
    prepare: [
      'Create the topic, with as many replicas as the values are worth.',
      'Permit the user to write to the topic. Brokers before 2.8 also need `IDEMPOTENT_WRITE`.',
    ],
    security: [
      'Without `tls` everybody on the network path reads all values, and with `plain` the password.',
      '`sasl` with `scram-sha-256` or `scram-sha-512` does not send the password.',
      '`tls` checks the certificate of the broker. With a certificate of the device the broker also checks the device.',
    ],
    example: 'sinks/line-kafka.yaml',
    sections: ['kafka'],
    tests: ['test/sinks/kafka.test.ts'],
  },
  mqtt: {
    title: 'MQTT',
    prepare: ['Create a user of the broker that may publish on the topics of `topic`.'],
    security: BROKER_TLS,
    example: 'sinks/plant-mqtt.yaml',
    sections: ['mqtt'],
    tests: ['test/sinks/broker-sinks.test.ts', 'test/sinks/sink-trial.test.ts'],
  },
  nats: {
    title: 'NATS',
    prepare: ['Create a stream that takes the subject, unless you set `jetStream: false`.'],
    security: [
      '`tls: verify`, the default, checks the certificate of the server.',
      '`tls: off` gives this protection up.',
    ],
    example: 'sinks/plant-nats.yaml',
    sections: ['nats'],
    tests: ['test/sinks/sink-tls.test.ts'],
  },
  postgres: {
    title: 'PostgreSQL and TimescaleDB',
    prepare: [
      'Create a database, and a user that may create a table in it. Or create the table yourself, and set `create: false`.',
      'For `hypertable: true` run `CREATE EXTENSION timescaledb` in the database.',
    ],
    security: [
      '`tls: verify`, the default, checks the certificate of the server.',
      '`tls: off` gives this protection up.',
    ],
    example: 'sinks/plant-database.yaml',
    sections: ['postgres'],
    tests: ['test/sinks/sink-tls.test.ts'],
  },
  sparkplug: {
    title: 'Sparkplug B',
    prepare: [
      'Choose a name for the node that no other node of the group has.',
      'Create a user of the broker that may publish below `spBv1.0/GROUP`. If you permit commands, restrict their senders at the broker.',
    ],
    security: BROKER_TLS,
    example: 'sinks/plant-sparkplug.yaml',
    sections: ['sparkplug'],
    tests: ['test/sinks/broker-sinks.test.ts'],
  },
  webhook: {
    title: 'Webhook',
    prepare: [
      'Let the receiver answer 2xx only when a value is on its own disk.',
      'Let it skip an `idempotency-key` that it has already accepted.',
    ],
    security: [
      '`http://` has no protection against readers.',
      '`https://` checks the certificate of the receiver.',
      '`bearer` and `signature` prove the sender.',
    ],
    example: 'sinks/quality-webhook.yaml',
    sections: ['webhook'],
    tests: ['src/webhook/sink.test.ts'],
  },
}
