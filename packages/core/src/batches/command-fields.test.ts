import { BatchCommand } from '@skerry/contract/batches/batch-command'
import { expect, test } from 'vitest'
import { shownFields } from './command-fields.ts'

test('the fields of a command are shown, and a list of objects by its length', () => {
  expect(shownFields({ kind: 'collect-logs', level: 'warn', limit: 5 })).toEqual({ level: 'warn', limit: 5 })
  expect(shownFields({ kind: 'relabel', set: { line: '4' }, remove: ['old'] })).toEqual({
    set: { line: '4' },
    remove: ['old'],
  })
  const digest = `sha256:${'a'.repeat(64)}`
  const files = [{ path: 'model.onnx', digest, sizeBytes: 1 }]
  const command = BatchCommand.parse({
    kind: 'bench-model',
    name: 'reader',
    version: 2,
    candidates: [{ digest, files }],
  })
  expect(shownFields(command)).toEqual({ name: 'reader', version: 2, candidates: 1, seconds: 120, cpuPercent: 50 })
})
