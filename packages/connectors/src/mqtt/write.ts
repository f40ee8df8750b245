/** MQTT write: publishes a command. That the broker has it is not that the equipment took it: that shows in what the tag says next. */
import { type Broker, PublishRefused } from '@skerry/connectors/broker/connection'
import type { Echoes } from '@skerry/connectors/broker/echoes'
import type { WriteOutcome, WriteProblem } from '@skerry/connectors/session'
import type { MqttConnection, MqttTag } from '@skerry/contract/sources/protocols/source-mqtt'
import type { TagContent } from '@skerry/contract/sources/tag'
import { unscaled } from '@skerry/core/tags/tag-scaling'
import type { Clock } from '@skerry/platform/process/clock'
import { untilLost } from '@skerry/platform/process/until-lost'

type Target = { broker: Broker; echoes: Echoes; clock: Clock; connection: MqttConnection }

/** Publishes, and waits for the equipment to say so where the tag is to be verified. */
export async function writeTag(
  { broker, echoes, clock, connection }: Target,
  tag: MqttTag,
  value: TagContent,
  signal: AbortSignal,
): Promise<WriteOutcome> {
  const { command, write } = tag
  if (!command || !write) return refused('tag_read_only', 'the tag has no command')
  const payload = payloadOf(tag, value)
  if (payload === undefined) return refused('tag_type', `${JSON.stringify(value)} is not a ${tag.format}`)
  const echo = write.verify ? echoes.expect(tag.name, value) : undefined
  try {
    // Quality 0 would not say whether the broker has it.
    const qos = connection.qos === 2 ? 2 : 1
    const { isHeard } = await broker.publish(command.topic, payload, { qos, retain: command.retain })
    if (!isHeard && !command.retain) return refused('write_refused', `no client subscribes to ${command.topic}`)
    if (!echo) return { ok: true }
    const late = clock.sleep(connection.timeoutMs, signal).then(() => false)
    const isTaken = await untilLost(Promise.race([echo.heard.then(() => true), late]), broker.lost)
    return isTaken
      ? { ok: true }
      : refused('write_unverified', `the value was published, but ${tag.topic} does not confirm it`)
  } catch (error) {
    if (error instanceof PublishRefused) return refused('write_refused', error.message)
    throw error
  } finally {
    echo?.forget()
  }
}

/** Undefined where the tag's format has no room for it. */
export function payloadOf(tag: MqttTag, value: TagContent): string | undefined {
  const raw = typeof value === 'number' ? unscaled(value, tag, { isInteger: false, held: 0 }) : value
  if (raw === undefined || !isOfFormat(tag.format, raw)) return undefined
  // 21.5 over a scale of 0.1 is 215, whatever binary fractions make of it.
  const exact = typeof raw === 'number' && raw !== value ? Number(raw.toPrecision(15)) : raw
  const text = tag.format === 'json' ? JSON.stringify(exact) : String(exact)
  // Not as a pattern: a value may hold a $.
  return tag.command?.payload.split('{{value}}').join(text)
}

function isOfFormat(format: MqttTag['format'], value: TagContent): boolean {
  switch (format) {
    case 'json':
      return typeof value !== 'number' || Number.isFinite(value)
    case 'number':
      return typeof value === 'number' && Number.isFinite(value)
    case 'text':
      return typeof value === 'string'
    case 'bytes':
      return false
  }
}

const refused = (code: WriteProblem, message: string): WriteOutcome => ({ ok: false, code, message })
