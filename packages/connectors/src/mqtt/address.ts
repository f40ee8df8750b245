/** MQTT address: which topics a source subscribes to, and which tags a message belongs to. */
import type { SourcePlan } from '@skerry/connectors/session'
import type { MqttSource } from '@skerry/contract/sources/source'
import { isMatch } from '@skerry/core/equipment/topic-filter'

/** What is subscribed to: what the connection says, or each topic once. */
export function filtersOf({ connection, groups }: MqttSource): string[] {
  return connection.subscribe ?? [...new Set(groups.flatMap(({ tags }) => tags.map(({ topic }) => topic)))]
}

/** What each group's tags stand on, and which of them nothing would be heard of. */
export function planMqtt(source: MqttSource): SourcePlan {
  const { subscribe } = source.connection
  return {
    groups: source.groups.map(({ name, tags }) => {
      const topics = new Set(tags.map(({ topic }) => topic))
      return { group: name, requests: subscribe?.length ?? topics.size, places: topics.size }
    }),
    problems: source.groups.flatMap(({ tags }) =>
      tags
        .filter(({ topic }) => subscribe?.every((filter) => !isMatch(filter, topic)) ?? false)
        .map(({ name, topic }) => ({
          tag: name,
          message: `${topic} matches none of the subscribed filters`,
        })),
    ),
  }
}
