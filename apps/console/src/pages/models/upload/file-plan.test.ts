import { Name } from '@skerry/contract/values/names'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addDropped, findModel, locate, modelNameOf, planFiles } from './file-plan.ts'

const files = (...paths: string[]) => paths.map((path) => ({ path, sizeBytes: 1 }))
const pathsOf = (list: readonly { path: string }[]) => list.map(({ path }) => path)

test.each([
  ['the only one', ['a.txt', 'Anomaly.ONNX'], 'Anomaly.ONNX'],
  ['a language model', ['language.json', 'a.GGUF'], 'a.GGUF'],
  ['the one with the model name', ['x/other.onnx', 'x/model.onnx'], 'x/model.onnx'],
])('the model is %s', (_, paths, model) => {
  expect(findModel(files(...paths))).toMatchObject({ ok: true, model: { path: model } })
})

test('no model and several models are reported differently', () => {
  expect(findModel(files('a.txt'))).toEqual({ ok: false, why: 'none', names: [] })
  expect(findModel(files('a.onnx', 'b.onnx'))).toEqual({ ok: false, why: 'several', names: ['a.onnx', 'b.onnx'] })
})

test.each([
  ['golden cases are added', ['model.onnx', 'w.bin'], ['golden.npz'], ['model.onnx', 'w.bin', 'golden.npz']],
  ['the model may come last', ['golden.npz'], ['model.onnx'], ['golden.npz', 'model.onnx']],
  ['other golden cases replace the first', ['model.onnx', 'golden.json'], ['golden.npz'], ['model.onnx', 'golden.npz']],
  ['golden cases stay beside notes', ['golden.json'], ['notes.json'], ['golden.json', 'notes.json']],
  ['weights with the same path replace the first', ['m.onnx', 'w.bin'], ['w.bin'], ['m.onnx', 'w.bin']],
  [
    'prompts stay beside settings',
    ['a.gguf', 'language.json'],
    ['prompts.json'],
    ['a.gguf', 'language.json', 'prompts.json'],
  ],
  ['another model begins a new choice', ['a/model.onnx', 'a/golden.json'], ['b/model.onnx'], ['b/model.onnx']],
])('%s', (_, chosen, dropped, after) => {
  expect(pathsOf(addDropped(files(...chosen), files(...dropped)))).toEqual(after)
})

test('weights are found beside the model, or by file name if folders are missing', () => {
  const dropped = files('run/model.onnx', 'run/weights/w.bin', 'weights/w.bin')
  const [model] = dropped
  if (!model) throw new Error('no model')
  expect(locate(dropped, model, 'weights/w.bin')?.path).toBe('run/weights/w.bin')
  const flat = files('model.onnx', 'w.bin')
  expect(locate(flat, { path: 'model.onnx', sizeBytes: 1 }, 'weights/w.bin')?.path).toBe('w.bin')
  expect(locate(flat, { path: 'model.onnx', sizeBytes: 1 }, 'weights/v.bin')).toBeUndefined()
})

test('each file gets its role', () => {
  const dropped = files('m/model.onnx', 'm/w.bin', 'm/golden.json', 'm/notes.json', 'm/x.bin', 'm/readme.md')
  const [model] = dropped
  if (!model) throw new Error('no model')
  const plan = planFiles(dropped, model, { needed: ['w.bin', 'v.bin'], tensors: ['x'] })
  expect(plan.weights.map(({ path, file }) => [path, file.path])).toEqual([['w.bin', 'm/w.bin']])
  expect(plan.missing).toEqual(['v.bin'])
  expect(plan.golden).toMatchObject({ kind: 'file', file: { path: 'm/golden.json' } })
  expect(pathsOf(plan.unused)).toEqual(['m/notes.json', 'm/x.bin', 'm/readme.md'])
})

test('raw golden files are matched to inputs and outputs by name', () => {
  const dropped = files('model.onnx', 'x.bin', 'y.bin', 'z.bin')
  const [model] = dropped
  if (!model) throw new Error('no model')
  const plan = planFiles(dropped, model, { needed: [], tensors: ['x', 'y'] })
  expect(plan.golden).toMatchObject({ kind: 'raw', files: [{ tensor: 'x' }, { tensor: 'y' }] })
  expect(pathsOf(plan.unused)).toEqual(['z.bin'])
})

test.each([
  ['Sensor_Anomaly.v1.onnx', 'sensor-anomaly-v1'],
  ['pumps/model.onnx', 'pumps'],
  ['Assistant-1B.Q4_K_M.gguf', 'assistant-1b-q4-k-m'],
  ['model.onnx', ''],
  ['___.onnx', ''],
])('%s gives the name %o', (path, name) => {
  expect(modelNameOf(path)).toBe(name)
})

test('a file name becomes a valid model name or an empty one', () => {
  fc.assert(
    fc.property(fc.string(), (path) => {
      const name = modelNameOf(path)
      expect(name === '' || Name.safeParse(name).success).toBe(true)
    }),
  )
})

test('each file has exactly one role', () => {
  const anyPath = fc.constantFrom('model.onnx', 'w.bin', 'x.bin', 'golden.json', 'a.json', 'd/w.bin', 'readme')
  fc.assert(
    fc.property(fc.uniqueArray(anyPath), fc.subarray(['w.bin', 'd/w.bin', 'v']), (paths, needed) => {
      const dropped = files('model.onnx', ...paths.filter((path) => path !== 'model.onnx'))
      const [model] = dropped
      if (!model) throw new Error('no model')
      const { weights, golden, unused } = planFiles(dropped, model, { needed, tensors: ['x', 'y'] })
      const goldens = golden?.kind === 'file' ? [golden.file] : (golden?.files.map(({ file }) => file) ?? [])
      const parts = [model, ...new Set(weights.map(({ file }) => file)), ...goldens, ...unused]
      expect(pathsOf(parts).sort()).toEqual(pathsOf(dropped).sort())
    }),
  )
})
