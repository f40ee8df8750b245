import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Sink } from '@skerry/contract/sink'
import { expect, test } from 'vitest'
import { parse } from 'yaml'

const names = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.yaml'))

test.each(names)('%s is a sink', (name) => {
  const draft: unknown = parse(readFileSync(join(import.meta.dirname, name), 'utf8'))
  expect(Sink.parse(draft)).toMatchObject({ name: expect.any(String) })
})
