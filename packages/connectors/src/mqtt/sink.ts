/** MQTT sink: publishes each value as JSON, and has delivered it when the broker acknowledges it. */
import { type Broker, PublishRefused } from '@skerry/connectors/broker/connection'
import { asSink, openSinkBroker } from '@skerry/connectors/broker/sink-broker'
import { type OpenSink, type SendOutcome, SinkTrouble } from '@skerry/connectors/sink'
import { sinkLine } from '@skerry/connectors/sink-line'
import { filledIn } from '@skerry/connectors/sink-template'
import type { MqttSinkConnection } from '@skerry/contract/sinks/protocols/sink-mqtt'
import type { MqttSink } from '@skerry/contract/sinks/sink'
import { type SinkBatch, sinkValueId } from '@skerry/contract/sinks/sink-value'

/** [MQTT 3.3.4] So many without an acknowledgement: what mosquitto takes where nobody says otherwise. */
const UNDER_WAY_MAX = 20

export const openMqttSink: OpenSink<MqttSink> = async ({ name, connection }, deps, signal) => {
  const broker = await openSinkBroker({ connection, name, onMessage: () => undefined }, deps, signal)
  return {
    async send(batch, sending) {
      for (let from = 0; from < batch.values.length; from += UNDER_WAY_MAX) {
        sending.throwIfAborted()
        const outcome = await sendSome(broker, connection, batch, from)
        if (!outcome.ok) return outcome
      }
      return { ok: true }
    },
    [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose](),
  }
}

async function sendSome(
  broker: Broker,
  { topic, retain }: MqttSinkConnection,
  batch: SinkBatch,
  from: number,
): Promise<SendOutcome> {
  const some = batch.values.slice(from, from + UNDER_WAY_MAX)
  try {
    const sent = some.map((value, index) => {
      const line = sinkLine(sinkValueId(batch, batch.first + from + index), value)
      // Names of signals, sources, tags and flows hold nothing that a topic may not.
      return broker.publish(filledIn(topic, value), line, { qos: 1, retain })
    })
    await asSink(Promise.all(sent))
    return { ok: true }
  } catch (error) {
    if (!(error instanceof PublishRefused)) throw error
    if (error.reason === NOT_AUTHORISED) throw new SinkTrouble('sink_denied', error.message, { cause: error })
    if (LATER.includes(error.reason)) throw new SinkTrouble('sink_busy', error.message, { cause: error })
    return { ok: false, code: 'value_refused', message: error.message }
  }
}

/** [MQTT 3.4.2.1] */
const NOT_AUTHORISED = 0x87
/** Unspecified, implementation specific, identifier in use, quota: it may be otherwise later. */
const LATER = [0x80, 0x83, 0x91, 0x97]
