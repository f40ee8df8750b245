/**
 * Notes: events of the bus on their way to other hubs, as texts that PostgreSQL carries. Repeated events are sent once.
 * Too many events become one event, which says that anything may have changed.
 */
import type { Topic } from '../bus.ts'

/** [postgresql.org/docs/current/sql-notify.html] The limit of a text is 8,000 bytes. Keys are ASCII. */
const TEXT_MAX = 7_900

/** Some 60 texts: a wave of 10,000 devices fits. Beyond it, reading everything is cheaper. */
const EVENTS_MAX = 10_000

export type Event = readonly [topic: Topic, key: string]

export const EVERYTHING: Event = ['everything.changed', '']

export type Outbox = {
  add(event: Event): void
  isEmpty(): boolean
  /** Returns all events as texts, and empties the outbox. */
  take(from: string): string[]
}

export function createOutbox(): Outbox {
  let events = new Map<string, Event>()
  return {
    add(event) {
      if (events.size >= EVENTS_MAX) events = new Map([['', EVERYTHING]])
      events.set(event.join(' '), event)
    },
    isEmpty: () => events.size === 0,
    take(from) {
      const texts = textsOf(from, [...events.values()])
      events = new Map()
      return texts
    },
  }
}

function textsOf(from: string, events: readonly Event[]): string[] {
  const texts: string[] = []
  let text = from
  for (const [topic, key] of events) {
    const line = `\n${topic} ${key}`
    if (text.length + line.length > TEXT_MAX) {
      texts.push(text)
      text = from
    }
    text += line
  }
  return text === from ? texts : [...texts, text]
}

/** The events of another hub; none if this hub sent the text. */
export function eventsOf(text: string, self: string): Event[] {
  const [from, ...lines] = text.split('\n')
  if (from === self) return []
  return lines.map((line) => {
    const [topic = '', key = ''] = line.split(' ')
    return [topic as Topic, key]
  })
}
