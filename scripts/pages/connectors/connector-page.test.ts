/** Compares the pages of connectors with schemas, code, tests and examples. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { planSource } from '@skerry/connectors/sources/connectors'
import { Flow } from '@skerry/contract/flows/flow'
import { Sink } from '@skerry/contract/sinks/sink'
import { Source } from '@skerry/contract/sources/source'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { EQUIPMENT } from '../../../packages/connectors/test/stage/equipment.ts'
import { ROOT } from '../../step.ts'
import { canWrite, connectorPages } from './connector-page.ts'
import { optionRows } from './option-rows.ts'
import { sinkNotes } from './sink-notes.ts'
import { sourceNotes } from './source-notes.ts'
import { CONNECTORS, peersIn } from './test-rows.ts'

const text = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const pages = await connectorPages()

test('the page of each connector is current; "npm run generate" writes it', () => {
  const written = readdirSync(join(ROOT, 'docs/connectors'), { recursive: true, encoding: 'utf8' })
  expect(
    written
      .filter((name) => name.endsWith('.md'))
      .map((name) => `docs/connectors/${name}`)
      .sort(),
  ).toEqual([...pages.keys()].sort())
  for (const [path, page] of pages) expect(text(path), path).toBe(page)
})

test('each protocol has a page', () => {
  const protocols = [
    ...Source.options.map(({ shape }) => `docs/connectors/sources/${shape.protocol.value}.md`),
    ...Sink.options.map(({ shape }) => `docs/connectors/sinks/${shape.protocol.value}.md`),
  ]
  expect([...pages.keys()].sort()).toEqual(protocols.sort())
})

test.each([...pages.keys()])('the example on %s is a file that a device accepts', async (path) => {
  const [, example = ''] = /^```yaml\n([\s\S]*?)^```$/m.exec(text(path)) ?? []
  if (path.endsWith('sinks/hub.md')) return expect(Flow.parse(parse(example)).sinks).not.toEqual([])
  if (path.includes('/sinks/')) return expect(path).toContain(`/${Sink.parse(parse(example)).protocol}.md`)
  const source = Source.parse(parse(example))
  expect(path).toContain(`/${source.protocol}.md`)
  expect((await planSource(source)).problems).toEqual([])
})

test('a page says that a source writes if the conformance tests write with it, and only then', () => {
  const written = new Set(EQUIPMENT.filter(({ tags }) => tags.writable).map(({ protocol }) => protocol))
  for (const protocol of Object.keys(sourceNotes)) {
    const code = text(`${CONNECTORS}/src/${protocol}/session.ts`)
    expect([protocol, canWrite(code)]).toEqual([protocol, written.has(protocol)])
  }
})

test('each protocol names tests that exist; a protocol of other makers names one with a peer', () => {
  const alone = new Set(['files', 'simulator'])
  for (const [protocol, { tests }] of Object.entries(sourceNotes)) {
    const peers = tests.flatMap((file) => peersIn(text(`${CONNECTORS}/${file}`)))
    expect([protocol, peers.length > 0]).toEqual([protocol, !alone.has(protocol)])
  }
  for (const { tests } of Object.values(sinkNotes)) for (const file of tests) text(`${CONNECTORS}/${file}`)
})

test('an inner field does not get the help of an outer field of its name', () => {
  const tls = { type: 'object', properties: { key: { type: 'string' }, ca: { type: 'string' } } }
  const rows = optionRows(
    { properties: { key: { type: 'string' }, tls }, required: ['key'] },
    { key: 'orders|values', ca: 'authorities' },
  )
  expect(rows).toEqual([
    '| `key` | text | **required** | orders\\|values |',
    '| `tls` | a structure: `key`, `ca` |  |  |',
    '| `tls.key` | text |  |  |',
    '| `tls.ca` | text |  | authorities |',
  ])
})
