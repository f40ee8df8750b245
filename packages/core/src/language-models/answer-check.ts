/**
 * Answer check: whether an answer has the form of its schema. A grammar binds code points, and a model can still emit bytes
 * that are no UTF-8, end too early, or be stopped by a text.
 */
import type { AnswerSchema } from '@skerry/contract/language-models/answer-schema'

/** The first fault in the text of an answer, as a clause with its place. Undefined if the answer has the form. */
export function answerFault(schema: AnswerSchema, text: string): string | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return 'it is no complete JSON'
  }
  return faultIn(schema, value, '')
}

function faultIn(schema: AnswerSchema, value: unknown, place: string): string | undefined {
  const say = (fault: string) => `${place === '' ? 'the whole answer' : place.slice(1)} ${fault}`
  if ('enum' in schema) return schema.enum.includes(value as never) ? undefined : say('is none of the choices')
  if ('const' in schema) return schema.const === value ? undefined : say('is not the constant')
  switch (schema.type) {
    case 'string':
      return faultInText(schema, value, say)
    case 'integer':
      return Number.isInteger(value) ? undefined : say('is no integer')
    case 'number':
      return Number.isFinite(value) ? undefined : say('is no number')
    case 'boolean':
      return typeof value === 'boolean' ? undefined : say('is neither true nor false')
    case 'null':
      return value === null ? undefined : say('is not null')
    case 'array':
      return faultInList(schema, value, { place, say })
    case 'object':
      return faultInObject(schema, value, { place, say })
  }
}

type Place = { place: string; say(fault: string): string }
type Part<Type> = Extract<AnswerSchema, { type: Type }>

/** [Unicode] Decoders put this character in the place of bytes that are no UTF-8. */
const REPLACEMENT = '\uFFFD'

function faultInText({ minLength = 0, maxLength }: Part<'string'>, value: unknown, say: Place['say']) {
  if (typeof value !== 'string') return say('is no text')
  // [JSON Schema, 6.3.1] Lengths are in code points.
  const { length } = [...value]
  if (length <= maxLength && length >= minLength) return undefined
  const wanted = length > maxLength ? `at most ${maxLength}` : `at least ${minLength}`
  const broken = value.includes(REPLACEMENT) ? ', some of which are broken bytes' : ''
  return say(`has ${length} characters${broken}, and the schema allows ${wanted}`)
}

function faultInList({ items, minItems = 0, maxItems }: Part<'array'>, value: unknown, { place, say }: Place) {
  if (!Array.isArray(value)) return say('is no list')
  if (value.length > maxItems) return say(`has ${value.length} items, and the schema allows at most ${maxItems}`)
  if (value.length < minItems) return say(`has ${value.length} items, and the schema allows at least ${minItems}`)
  return firstFault(value.entries(), ([at, item]) => faultIn(items, item, `${place}.${at}`))
}

function faultInObject({ properties }: Part<'object'>, value: unknown, { place, say }: Place) {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return say('is no object')
  const other = Object.keys(value).find((name) => !Object.hasOwn(properties, name))
  if (other !== undefined) return say(`has the field ${JSON.stringify(other.slice(0, 64))}, which is not in the schema`)
  return firstFault(Object.entries(properties), ([name, part]) =>
    Object.hasOwn(value, name)
      ? faultIn(part, (value as Record<string, unknown>)[name], `${place}.${name}`)
      : say(`lacks the field ${name}`),
  )
}

function firstFault<Item>(items: Iterable<Item>, faultOf: (item: Item) => string | undefined): string | undefined {
  for (const item of items) {
    const fault = faultOf(item)
    if (fault !== undefined) return fault
  }
  return undefined
}
