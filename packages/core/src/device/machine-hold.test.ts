import { buildDesiredItem } from '@skerry/testkit/simulation/desired-item'
import { expect, test } from 'vitest'
import { isMachineTrouble, type MachineFacts, roomHold } from './machine-hold.ts'

const item = buildDesiredItem({ version: 1, sizeBytes: 1_000 })

test.each<[string, MachineFacts, 'waits' | 'fails']>([
  ['disk_insufficient', {}, 'waits'],
  ['memory_insufficient', {}, 'waits'],
  ['memory_insufficient', { memoryTotalBytes: 1_000 }, 'waits'],
  ['memory_insufficient', { memoryTotalBytes: 999 }, 'fails'],
  ['format_unsupported', {}, 'fails'],
])('%s on a machine of %j %s', (code, machine, what) => {
  const cause = { code, message: 'it does not fit' }
  expect(roomHold(item, cause, machine)).toEqual(what === 'waits' ? { cause } : undefined)
})

test.each([
  ["EACCES: permission denied, open '/data/model.onnx'", true],
  ['EMFILE: too many open files', true],
  ['std::bad_alloc', true],
  ["the model's process crashed (SIGKILL)", true],
  ["the model's process crashed (SIGSEGV)", false],
  ['Load model from /data/model.onnx failed:Protobuf parsing failed.', false],
  ['Fatal error: MYPERMUTE is not a registered function/op', false],
  ["This is an invalid model. In Node, ('EIOU', Mul) Error", false],
])('a load or a run that fails with "%s" by the machine: %s', (message, isMachine) => {
  expect(isMachineTrouble(message)).toBe(isMachine)
})
