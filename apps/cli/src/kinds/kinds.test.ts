import { VersionKind } from '@skerry/contract/kinds/kinds'
import { expect, test } from 'vitest'
import { ANOMALY, ANOMALY_1 } from '../../test/fake-hub/fake-data.ts'
import { versionTextOf } from '../commands/models/model-view.ts'
import { commands } from '../program/command-list.ts'
import { styleOf } from '../program/terminal/style.ts'
import type { KindRow } from './kind-row.ts'
import { diffOf, expectKind, kindRow, kindRows, requestInputs } from './kinds.ts'

const plain = styleOf({ isTTY: false, columns: 80, write: () => {} }, {})
const flow = { ...ANOMALY, kind: 'flow' as const, flow: { name: 'pump', inputs: [], steps: [], sinks: [] } }
const pump = { name: 'pump', kind: 'flow' as const, versionCount: 1, aliases: {}, createdAtMs: 0 }

/** A kind that has words and nothing else. */
const note: KindRow = { noun: 'a note', showCommand: 'note show', none: 'no notes yet', devices: 'lies on' }

test('each kind of the contract has a row, and a command shows it', () => {
  expect(Object.keys(kindRows).toSorted()).toEqual(VersionKind.options.toSorted())
  const names = commands.map(({ name }) => name)
  for (const kind of VersionKind.options) expect(names).toContain(kindRow(kind).showCommand)
})

test('a version of a kind without extra facts is shown with its size, files and lineage', () => {
  const text = versionTextOf(note, ANOMALY, plain)
  expect(text).toContain('lies on')
  expect(text).toMatch(/signed by +cd/)
  expect(text).toMatch(/model\.onnx +6\.0 KiB/)
  expect(text).toContain('nightly training')
  expect(text).not.toMatch(/parameters|TENSOR/)
})

test('a version of a kind with extra facts shows them between the size and the signature', () => {
  const row: KindRow = { ...note, facts: () => [['characters', 12]], table: () => 'TEXT' }
  expect(versionTextOf(row, ANOMALY, plain)).toMatch(/size[^\n]*\ncharacters +12\nsigned by[\s\S]*\n\nTEXT\n\nFILE/)
})

test('a name of another kind is rejected with the command that shows it', () => {
  expect(() => expectKind(pump, 'flow')).not.toThrow()
  expect(() => expectKind(pump, 'model')).toThrow('pump is a flow')
})

test('only a kind with inputs takes requests', () => {
  expect(requestInputs(ANOMALY)).toBe(ANOMALY.summary.inputs)
  expect(() => requestInputs(flow as never)).toThrow('anomaly is a flow, which reads its inputs itself')
})

test('only a kind with a comparison is compared', () => {
  const use = { deployments: [], running: { devices: 0, online: 0, sites: [], requests: 0, failures: 0 } }
  const evidence = { use: { from: use, to: use } }
  expect(diffOf(ANOMALY_1, ANOMALY)(evidence).json).toMatchObject({ model: 'anomaly', from: 1, to: 2 })
  expect(() => diffOf(flow as never, flow as never)).toThrow('anomaly is a flow')
})
