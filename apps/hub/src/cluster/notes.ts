/**
 * Notes: events of the bus on their way to other hubs, as texts that PostgreSQL carries. What is told twice before it goes is told once; what
 * is too much to tell becomes one event that says that anything may have changed.
 */
import type { Topic } from '../bus.ts'

/** [postgresql.org/docs/current/sql-notify.html] 8,000 bytes are its limit; keys are ASCII. */
const TEXT_MAX = 7_900

/** Some 60 texts: a wave of 10,000 devices fits. Beyond it, looking at everything is cheaper. */
const EVENTS_MAX = 10_000

export type Event = readonly [topic: Topic, key: string]

export const EVERYTHING: Event = ['everything.changed', '']

export type Outbox = {
  add(event: Event): void
  isEmpty(): boolean
  /** Gives all as texts, and is empty then. */
  take(from: string): string[]
}

/** Makes an empty one. */
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

/** What another hub tells; nothing where it is this one. */
export function eventsOf(text: string, self: string): Event[] {
  const [from, ...lines] = text.split('\n')
  if (from === self) return []
  return lines.map((line) => {
    const [topic = '', key = ''] = line.split(' ')
    return [topic as Topic, key]
  })
}
