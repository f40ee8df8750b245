/** Sparkplug write: a command to a node or a device. Nobody acknowledges one: that it was taken shows in what the metric says next. [Sparkplug 3.0.0, 6.4.20] */
import type { Broker } from '@skerry/connectors/broker/connection'
import type { Echoes } from '@skerry/connectors/broker/echoes'
import type { WriteOutcome, WriteProblem } from '@skerry/connectors/session'
import type { SparkplugConnection, SparkplugTag } from '@skerry/contract/sources/protocols/source-sparkplug'
import type { TagContent } from '@skerry/contract/sources/tag'
import type { KnownMetric } from '@skerry/core/equipment/sparkplug-node'
import { rawOf } from '@skerry/core/equipment/sparkplug-value'
import { unscaled } from '@skerry/core/tags/tag-scaling'
import type { Clock } from '@skerry/platform/process/clock'
import { untilLost } from '@skerry/platform/process/until-lost'
import { encodePayload } from './payload.ts'
import { topicOf } from './topic.ts'

type Target = { broker: Broker; echoes: Echoes; clock: Clock; connection: SparkplugConnection }
type Order = { tag: SparkplugTag; known: KnownMetric | undefined; value: TagContent }

/** Publishes, and waits for the metric to have the value where the tag is to be verified. */
export async function writeMetric(
  { broker, echoes, clock, connection }: Target,
  { tag, known, value }: Order,
  signal: AbortSignal,
): Promise<WriteOutcome> {
  if (!known) return refused('write_refused', 'its node or device is offline, or has no such metric')
  const number = typeof value === 'number' ? unscaled(value, tag, { isInteger: false, held: 0 }) : value
  const raw = number === undefined ? undefined : rawOf(known.datatype, number)
  if (!raw) return refused('tag_type', `${JSON.stringify(value)} does not fit a metric of datatype ${known.datatype}`)
  const { datatype, name, alias } = known
  // [tck-id-payloads-alias-data-cmd-requirement] Who was born with an alias is called by it alone.
  const which = alias === undefined ? { name } : { alias }
  const payload = encodePayload(clock.nowMs(), undefined, [{ ...which, datatype, timestampMs: clock.nowMs(), raw }])
  const topic = topicOf(tag.device === undefined ? 'NCMD' : 'DCMD', { group: connection.group, ...tag })
  const echo = tag.write?.verify ? echoes.expect(tag.name, value) : undefined
  try {
    await broker.publish(topic, payload, { qos: 0, retain: false })
    if (!echo) return { ok: true }
    const late = clock.sleep(connection.timeoutMs, signal).then(() => false)
    const isTaken = await untilLost(Promise.race([echo.heard.then(() => true), late]), broker.lost)
    return isTaken
      ? { ok: true }
      : refused('write_unverified', 'the command was sent, but the metric does not confirm it')
  } finally {
    echo?.forget()
  }
}

const refused = (code: WriteProblem, message: string): WriteOutcome => ({ ok: false, code, message })
