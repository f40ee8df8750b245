import { expect, test } from 'vitest'
import * as z from 'zod'
import { SourceSpec } from '../connections/connection-spec.ts'

const messagesOf = (schema: z.ZodType, value: unknown) =>
  schema.safeParse(value).error?.issues.map(({ path, message }) => [path.join('.'), message])

test('a missing value is named as missing, with its form', () => {
  const groups = [{ name: 'main', everyMs: 1_000, tags: [{ name: 'level' }] }]
  const spec = { name: 'pump', protocol: 'modbus', connection: { host: '10.0.0.7' }, groups }
  expect(messagesOf(SourceSpec, spec)).toContainEqual(['groups.0.tags.0.address', 'is missing; write a text'])
})

test('another wrong value and a message of a schema stay as they are', () => {
  expect(messagesOf(z.string(), 7)).toEqual([['', 'Invalid input: expected string, received number']])
  expect(messagesOf(z.object({ name: z.string('give the name') }), {})).toEqual([['name', 'give the name']])
})
