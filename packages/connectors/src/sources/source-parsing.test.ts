import { Source } from '@skerry/contract/sources/source'
import { expect, test } from 'vitest'
import { parseSource } from './source-parsing.ts'

const textOf = (tags: number, more: object = {}) =>
  JSON.stringify({
    name: 'plc',
    protocol: 'modbus',
    connection: { host: 'plc.example' },
    groups: [
      {
        name: 'all',
        everyMs: 1_000,
        tags: Array.from({ length: tags }, (_, at) => ({ name: `tag-${at}`, address: `holding:${at}`, ...more })),
      },
    ],
  })

test.each([1, 8_000])('%i tags say the same wherever they are parsed', async (tags) => {
  const text = textOf(tags)
  expect(await parseSource(text)).toEqual({ ok: true, said: Source.parse(JSON.parse(text)) })
})

test.each([1, 8_000])('what is wrong with one of %i tags is said', async (tags) => {
  const wrong = await parseSource(textOf(tags, { address: 'shelf:1' }))
  expect(wrong).toEqual({ ok: false, message: expect.stringContaining('groups.0.tags.0.address: must look like') })
})

test.each([1, 300_000])('%i characters that are no JSON are no source', async (length) => {
  await expect(parseSource('{'.repeat(length))).rejects.toThrow(/JSON/)
})
