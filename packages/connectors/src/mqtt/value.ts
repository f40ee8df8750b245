/** MQTT value: what a message says of a tag. */
import { badValue, tagValue } from '@skerry/connectors/value'
import type { MqttTag } from '@skerry/contract/sources/protocols/source-mqtt'
import type { TagCause, TagContent, TagValue } from '@skerry/contract/sources/tag'
import { type JsonContent, jsonReader } from '@skerry/core/equipment/json-value'

/** A message, and what it is as JSON: found out once for all the tags that stand on it. */
export type Incoming = { payload: Buffer; json(): unknown; receivedTimeMs: number }

export function incomingOf(payload: Buffer, receivedTimeMs: number): Incoming {
  let parsed: { value: unknown } | undefined
  return {
    payload,
    receivedTimeMs,
    json() {
      parsed ??= { value: parse(payload) }
      return parsed.value
    },
  }
}

/** Not JSON: no document of JSON is this. */
const NO_JSON = Symbol('no JSON')

function parse(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString('utf8'))
  } catch {
    return NO_JSON
  }
}

/** Undefined where the message says nothing of the tag: equipment that sends changes only leaves out the rest. */
export type MessageReader = (message: Incoming) => TagValue | undefined

/** Reads a tag out of messages, many times. */
export function messageReader(tag: MqttTag): MessageReader {
  const read = jsonReader(tag)
  return (message) => {
    const content = contentOf(tag, message, read)
    if (!content.ok) {
      // A whole message that is null or empty is not a message of something else.
      if (content.isAbsent && tag.path !== undefined) return undefined
      return badValue(tag.name, content.cause, message.receivedTimeMs)
    }
    const value = tagValue(tag, content, message.receivedTimeMs)
    return content.sourceTimeMs === undefined ? value : { ...value, sourceTimeMs: content.sourceTimeMs }
  }
}

/** [MQTT 3.3.1.3] An empty retained message takes the one away that was there; so does it mean "gone" to most equipment. */
const EMPTY: TagCause = { code: 'value_missing', message: 'the message is empty' }

/** A picture is no tag. */
const BYTES_MAX = 65_536

function contentOf(tag: MqttTag, message: Incoming, read: (document: unknown) => JsonContent): JsonContent {
  const { payload } = message
  if (payload.length === 0 && tag.format !== 'text') return bad(EMPTY)
  switch (tag.format) {
    case 'json': {
      const document = message.json()
      return document === NO_JSON ? bad({ code: 'value_type', message: 'the message is not JSON' }) : read(document)
    }
    case 'number':
      return numberOf(payload.toString('utf8'))
    case 'text':
      return good(payload.toString('utf8'))
    case 'bytes': {
      const message = `the message has more than ${BYTES_MAX} bytes`
      return payload.length > BYTES_MAX ? bad({ code: 'value_type', message }) : good([...payload])
    }
  }
}

/** As JSON writes numbers, with blanks around it and a sign before it: 1,5 is refused, not guessed at. */
const NUMBER = /^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$/

function numberOf(text: string): JsonContent {
  if (!NUMBER.test(text))
    return bad({ code: 'value_type', message: `the message is not a number: ${text.slice(0, 40)}` })
  const value = Number(text)
  return { ...good(value), isInexact: Number.isInteger(value) && !Number.isSafeInteger(value) }
}

const good = (value: TagContent) => ({ ok: true as const, value, isInexact: false, sourceTimeMs: undefined })
const bad = (cause: TagCause): JsonContent => ({ ok: false, isAbsent: false, cause })
