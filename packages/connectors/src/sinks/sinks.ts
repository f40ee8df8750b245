/** Sinks: which module speaks a protocol. Loaded when a sink needs it, so that a device pays only for what it speaks. */
import type { Sink } from '@skerry/contract/sinks/sink'
import type { SinkDeps, SinkSession } from '../sink.ts'

/** Connects to where values go. Throws `SinkTrouble`. */
export async function openSink(sink: Sink, deps: SinkDeps, signal: AbortSignal): Promise<SinkSession> {
  switch (sink.protocol) {
    case 'amqp':
      return (await import('../amqp/sink.ts')).openAmqp(sink, deps, signal)
    case 'file':
      return (await import('../file/sink.ts')).openFile(sink, deps, signal)
    case 'hub':
      return (await import('../hub/sink.ts')).openHub(sink, deps, signal)
    case 'influx':
      return (await import('../influx/sink.ts')).openInflux(sink, deps, signal)
    case 'kafka':
      return (await import('../kafka/sink.ts')).openKafka(sink, deps, signal)
    case 'nats':
      return (await import('../nats/sink.ts')).openNats(sink, deps, signal)
    case 'postgres':
      return (await import('../postgres/sink.ts')).openPostgres(sink, deps, signal)
    case 'mqtt':
      return (await import('../mqtt/sink.ts')).openMqttSink(sink, deps, signal)
    case 'sparkplug':
      return (await import('../sparkplug/sink.ts')).openSparkplugSink(sink, deps, signal)
    case 'webhook':
      return (await import('../webhook/sink.ts')).openWebhook(sink, deps, signal)
  }
}
