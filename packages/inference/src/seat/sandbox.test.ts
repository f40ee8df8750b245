import { execFileSync } from 'node:child_process'
import { until } from '@skerry/testkit/until'
import { expect, test } from 'vitest'
import { int64, never, testModel } from '../../test/fixture.ts'
import { toContract } from '../host/raw-tensor.ts'
import { runSandboxed, type SandboxTask } from './sandbox.ts'

const LIMITS = { loadMs: 60_000, casesMs: 60_000, memoryBytes: 2 ** 30 }

const sandboxed = (task: Partial<SandboxTask> & Pick<SandboxTask, 'modelPath'>) =>
  runSandboxed({ cases: [], limits: LIMITS, signal: never(), ...task })

const one = (name: string, value: bigint) => [{ inputs: { [name]: toContract(int64('', [1], [value])) } }]

/** More steps than anybody waits for. */
const endless = one('steps', 2n ** 40n)

const children = () =>
  execFileSync('pgrep', ['-P', `${process.pid}`, '-f', 'sandbox-child'], { encoding: 'utf8' })
    .trim()
    .split('\n')
const isChildThere = () => {
  try {
    return children().length > 0
  } catch {
    return false
  }
}

test('loads a model and reports its inputs and outputs, without any case', async () => {
  const signature = {
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, -1] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, -1] }],
  }
  expect(await sandboxed({ modelPath: testModel('times-2') })).toEqual({ ok: true, signature, outputs: [] })
})

test('returns the outputs of each case', async () => {
  const inputs = { x: toContract(int64('', [1, 2], [2n ** 63n - 1n, -1n])) }
  const result = await sandboxed({ modelPath: testModel('identity-int64'), cases: [{ inputs }, { inputs }] })
  expect(result).toMatchObject({ ok: true, outputs: [{ y: inputs.x }, { y: inputs.x }] })
})

test('says why a file cannot be loaded', async () => {
  const result = await sandboxed({ modelPath: testModel('../test-data/make.py').replace(/\.onnx$/, '') })
  expect(result).toMatchObject({ ok: false, code: 'model_load_failed', message: expect.stringContaining('Protobuf') })
})

test('rejects a case that does not fit the model, and names it', async () => {
  const result = await sandboxed({ modelPath: testModel('times-2'), cases: one('x', 1n) })
  expect(result).toEqual({
    ok: false,
    code: 'golden_invalid',
    message: "golden case 1 of 1: input 'x' must be FP32, got INT64",
  })
})

test('ends a model that takes too long', async () => {
  const result = await sandboxed({
    modelPath: testModel('spin'),
    cases: endless,
    limits: { ...LIMITS, casesMs: 500 },
  })
  expect(result).toEqual({
    ok: false,
    code: 'golden_timeout',
    message: 'the golden cases took longer than 0.5 s: use fewer or smaller ones',
  })
})

test.each([
  ['without cases', []],
  ['with cases', endless],
])('ends a load that takes too long, %s, and does not blame the cases', async (_, cases) => {
  // No process starts within a millisecond, whatever its model is.
  const result = await sandboxed({ modelPath: testModel('spin'), cases, limits: { ...LIMITS, loadMs: 1 } })
  expect(result).toEqual({
    ok: false,
    code: 'model_load_timeout',
    message:
      'the runtime took longer than 0.001 s to load the model: push it again if the hub was busy, or push a smaller or simpler one',
  })
})

test('ends a load that takes too much memory, and does not blame the cases', async () => {
  const result = await sandboxed({ modelPath: testModel('times-2'), limits: { ...LIMITS, memoryBytes: 1_000_000 } })
  expect(result).toMatchObject({ ok: false, code: 'model_memory_exceeded' })
})

test('ends a model that takes too much memory', async () => {
  const result = await sandboxed({ modelPath: testModel('hoard'), cases: one('count', 2n ** 30n) })
  expect(result).toMatchObject({ ok: false, code: 'golden_memory_exceeded' })
})

test('survives a native crash of the runtime', async () => {
  const result = sandboxed({ modelPath: testModel('spin'), cases: endless })
  await until(isChildThere)
  for (const pid of children()) process.kill(Number(pid), 'SIGSEGV')
  expect(await result).toMatchObject({ ok: false, code: 'model_crashed', message: expect.stringContaining('SIGSEGV') })
})

test('ends the child when the caller cancels', async () => {
  const caller = new AbortController()
  const result = sandboxed({ modelPath: testModel('spin'), cases: endless, signal: caller.signal })
  const rejected = expect(result).rejects.toThrow('enough')
  await until(isChildThere)
  caller.abort(new Error('enough'))
  await rejected
  await until(() => !isChildThere())
})
