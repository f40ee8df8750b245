/** OPC UA method results: what each method gave last, as the value of its tag. Kept as long as the connection. */
import { EventEmitter } from 'node:events'
import { badValue, tagValue } from '@skerry/connectors/value'
import type { OpcuaTag } from '@skerry/contract/sources/protocols/source-opcua'
import type { TagContent, TagValue } from '@skerry/contract/sources/tag'
import type { Clock } from '@skerry/platform/process/clock'
import type { CallMethodResult, Variant } from 'node-opcua-client'
import { isUncertain, statusCause } from './status.ts'
import { contentOf } from './value.ts'

export type MethodResults = {
  of(tag: Pick<OpcuaTag, 'name'>): TagValue
  put(tag: OpcuaTag, result: CallMethodResult): void
  /** `onPut` is told of each that is put from now on, by the name of its tag, until aborted. */
  follow(onPut: (tag: string) => void, signal: AbortSignal): void
}

type Content = { value: TagContent; isInexact: boolean }

/** Nothing was called yet. */
export function createMethodResults(clock: Pick<Clock, 'nowMs'>): MethodResults {
  const results = new Map<string, TagValue>()
  const puts = new EventEmitter()
  return {
    of: ({ name }) => results.get(name) ?? badValue(name, UNCALLED, clock.nowMs()),
    put(tag, result) {
      results.set(tag.name, resultOf(tag, result, clock.nowMs()))
      puts.emit('put', tag.name)
    },
    follow(onPut, signal) {
      puts.on('put', onPut)
      signal.addEventListener('abort', () => puts.off('put', onPut), { once: true })
    },
  }
}

function resultOf(tag: OpcuaTag, { statusCode, outputArguments }: CallMethodResult, receivedTimeMs: number): TagValue {
  const content = outputOf(outputArguments ?? [])
  if (!content) return badValue(tag.name, UNREADABLE, receivedTimeMs)
  const value = tagValue(tag, content, receivedTimeMs)
  return value.quality === 'good' && isUncertain(statusCode)
    ? { ...value, quality: 'uncertain', cause: statusCause(statusCode) }
    : value
}

/** The one output, or a list of them; `true` where it has none. Undefined for what is no number, text, truth or time. */
function outputOf(outputs: readonly Variant[]): Content | undefined {
  if (outputs.length === 0) return { value: true, isInexact: false }
  const contents = outputs.map(contentOf)
  if (contents.length === 1) return contents[0]
  const value = contents.flatMap((content) => (content && !Array.isArray(content.value) ? [content.value] : []))
  if (value.length < contents.length) return undefined
  return { value, isInexact: contents.some((content) => content?.isInexact) }
}

const UNCALLED = { code: 'method_uncalled', message: 'it is a method that was not called over this connection yet' }
const UNREADABLE = { code: 'type_unknown', message: 'the method was called, but its result cannot be read' }
