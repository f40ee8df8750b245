/** Compares the texts of the console's forms with the schemas and the documents that they come from. */
import { readFile } from 'node:fs/promises'
import { Sink } from '@skerry/contract/sinks/sink'
import { Source } from '@skerry/contract/sources/source'
import { expect, test } from 'vitest'
import { EVIDENCE } from '../../apps/console/src/pages/sources/form/generated/protocol-texts.ts'
import { PROTOCOL_FORMS, protocolForms } from './protocol-forms.ts'

test('the texts of the forms are those of the schemas and the documents; "npm run generate" writes them', async () => {
  expect(await readFile(PROTOCOL_FORMS, 'utf8')).toBe(await protocolForms())
})

test('each protocol has evidence: what it is, and what it was tested against', () => {
  const known = { source: Source.options, sink: Sink.options }
  for (const kind of ['source', 'sink'] as const) {
    const told = new Set(EVIDENCE[kind].map(({ protocol }) => protocol))
    expect([...told].toSorted()).toEqual(known[kind].map(({ shape }) => shape.protocol.value).toSorted())
    for (const { what, tested } of EVIDENCE[kind]) expect([what.length > 3, tested.length > 3]).toEqual([true, true])
  }
})
