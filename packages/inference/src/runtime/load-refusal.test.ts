import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Datatype } from '@skerry/contract/models/tensor'
import { buildModel, type ModelParts } from '@skerry/onnx/build'
import { writeModel } from '@skerry/onnx/write'
import { expect, onTestFinished, test } from 'vitest'
import { float32, int64, settings } from '../../test/fixture.ts'
import { openSession } from '../seat/session.ts'
import { loadRefusal, runFailure } from './load-refusal.ts'

const value = (name: string, datatype: Datatype = 'FP32', shape = [2]) => ({ name, datatype, shape })
const plain = { inputs: [value('x')], outputs: [value('y')] }
const short = { name: 'w', datatype: 'FP32' as const, shape: [2], data: new Uint8Array(8) }

/** Texts that only the hub and the developers of the runtime should see. */
const INTERNAL = /secret-place|\.cc|\.h:|onnxruntime_src|::|ONNXRuntimeError/

/** Loads it from a folder whose name must not appear in the message. */
async function refusalOf(parts: ModelParts, change = (_: ReturnType<typeof buildModel>) => {}): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'skerry-secret-place-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const model = buildModel(parts)
  change(model)
  const modelPath = join(folder, 'model.onnx')
  writeFileSync(modelPath, writeModel(model))
  const told = await openSession({ modelPath }, settings).then(
    () => 'nothing',
    (error: Error) => error.message,
  )
  expect(told).not.toMatch(INTERNAL)
  return told
}

test.each<[what: string, told: string, parts: ModelParts]>([
  [
    'a type that the operator has no kernel for',
    'node "best" (ArgMax): the runtime has ArgMax of opset 13, but not for uint16; cast its inputs to float32',
    {
      inputs: [value('x', 'UINT16', [2, 2])],
      outputs: [value('y', 'INT64', [1, 2])],
      nodes: [{ operator: 'ArgMax', name: 'best', inputs: ['x'], outputs: ['y'] }],
    },
  ],
  [
    'the same of a node without a name',
    'node "sum" (Add): the runtime has Add of opset 14, but not for bfloat16',
    {
      ...plain,
      nodes: [
        { operator: 'Add', inputs: ['x', 'x'], outputs: ['twice'] },
        { operator: 'Cast', inputs: ['twice'], outputs: ['narrow'], attributes: { to: { int: 16 } } },
        { operator: 'Add', inputs: ['narrow', 'narrow'], outputs: ['sum'] },
        { operator: 'Cast', inputs: ['sum'], outputs: ['y'], attributes: { to: { int: 1 } } },
      ],
    },
  ],
  [
    'a missing attribute',
    `node "join" (Concat): Required attribute 'axis' is missing`,
    { ...plain, nodes: [{ operator: 'Concat', name: 'join', inputs: ['x', 'x'], outputs: ['y'] }] },
  ],
  [
    'a missing attribute of a node without a name',
    `node "y" (Concat): Required attribute 'axis' is missing`,
    { ...plain, nodes: [{ operator: 'Concat', inputs: ['x', 'x'], outputs: ['y'] }] },
  ],
  [
    'an output that no node computes',
    'onnxruntime cannot load the model: Graph output (y) does not exist in the graph.',
    { ...plain, nodes: [{ operator: 'Sin', inputs: ['x'], outputs: ['z'] }] },
  ],
  [
    'a type that the operator does not know',
    "Type 'tensor(int64)' of input parameter (x) of operator (Sin) in node (wave) is invalid",
    {
      inputs: [value('x', 'INT64')],
      outputs: [value('y', 'INT64')],
      nodes: [{ operator: 'Sin', name: 'wave', inputs: ['x'], outputs: ['y'] }],
    },
  ],
])('names node, operator and type of %s, and no source line of the hub or the runtime', async (_, told, parts) => {
  expect(await refusalOf(parts)).toContain(told)
})

test('names a weight that is cut short', async () => {
  const nodes = [{ operator: 'Add', inputs: ['x', 'w'], outputs: ['y'] }]
  const told = await refusalOf({ ...plain, nodes, initialisers: [short] }, ({ graph }) => {
    const [weight] = graph.initializer
    if (weight) weight.rawData = new Uint8Array(3)
  })
  expect(told).toMatch(/^onnxruntime cannot load the model: Initializer 'w': raw_data size \(3 bytes\) does not match/)
})

test('a run that fails names its node, and no source line of the runtime', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'skerry-run-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const modelPath = join(folder, 'model.onnx')
  const inputs = [value('x'), { name: 's', datatype: 'INT64' as const, shape: [1] }]
  const nodes = [{ operator: 'Reshape', name: 'fold', inputs: ['x', 's'], outputs: ['y'] }]
  writeFileSync(modelPath, writeModel(buildModel({ inputs, outputs: [value('y', 'FP32', [-1])], nodes })))
  const session = await openSession({ modelPath }, settings)
  const told = await session.run([float32('x', [2], [1, 2]), int64('s', [1], [3n])], ['y']).then(
    () => 'nothing',
    (error: Error) => error.message,
  )
  await session.close()
  expect(told).toContain("running Reshape node. Name:'fold'")
  expect(told).not.toMatch(INTERNAL)
})

test('a long text from outside takes no long time', async () => {
  const text = 'a.'.repeat(50_000)
  const before = process.cpuUsage()
  expect(runFailure(text)).toBe(text.slice(0, 1_000))
  expect(await loadRefusal(text, new Uint8Array())).toContain(text.slice(0, 900))
  // It is some 0.6 s of the processor; of the whole text it would be over a minute.
  const { user, system } = process.cpuUsage(before)
  expect((user + system) / 1_000_000).toBeLessThan(15)
})
