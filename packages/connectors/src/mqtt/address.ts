/** MQTT address: the topics that a source subscribes to, and the tags that a message belongs to. */
import type { SourcePlan } from '@skerry/connectors/session'
import type { MqttSource } from '@skerry/contract/sources/source'
import { isMatch } from '@skerry/core/equipment/topic-filter'

/** The subscribed filters: those of the connection, or each topic once. */
export function filtersOf({ connection, groups }: MqttSource): string[] {
  return connection.subscribe ?? [...new Set(groups.flatMap(({ tags }) => tags.map(({ topic }) => topic)))]
}

/** The topics of each group's tags, and the tags whose messages no subscription receives. */
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
