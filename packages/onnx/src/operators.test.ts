import { expect, test } from 'vitest'
import { changed, node } from '../test/changed-model.ts'
import type { NodePart } from './build.ts'

const nodes = (...list: NodePart[]) => changed({ nodes: list })
const opsets = (sets: Record<string, number>, ...list: NodePart[]) =>
  changed({ opsets: sets, ...(list.length > 0 ? { nodes: list } : {}) })

test.each([
  [
    'a newer file format',
    () => changed({ irVersion: 14 }),
    'version 14 of the ONNX file format, and onnxruntime-node 1.30.0 loads versions 1 to 13',
  ],
  [
    'a newer opset',
    () => opsets({ 'ai.onnx': 27 }),
    'version 27 of the opset of "ai.onnx", and onnxruntime-node 1.30.0 loads versions 1 to 26',
  ],
  [
    'a newer opset of another domain',
    () => opsets({ 'ai.onnx': 18, 'ai.onnx.ml': 6 }),
    'version 6 of the opset of "ai.onnx.ml"',
  ],
  ['opset nought', () => opsets({ 'ai.onnx': 0 }), 'version 0 of the opset of "ai.onnx"'],
])('refuses %s', (_, summary, message) => {
  expect(summary()).toMatchObject({
    ok: false,
    code: 'model_opset_unsupported',
    message: expect.stringContaining(message),
  })
})

test.each([
  [
    'a custom domain',
    () => opsets({ 'ai.onnx': 18, 'com.acme': 1 }, node('Secret', ['x'], ['y'], { domain: 'com.acme', name: 'n' })),
    'the operator of node "n" (com.acme:Secret) belongs to "com.acme"',
  ],
  [
    'a domain named like a property of every object',
    () => nodes(node('F', ['x'], ['y'], { domain: 'constructor' })),
    'belongs to "constructor"',
  ],
  [
    'an operator that does not exist',
    () => nodes(node('Rleu', ['x'], ['y'])),
    'node "y" (Rleu) is none of "ai.onnx" that the runtime loads',
  ],
  [
    'an operator named like a property of every object',
    () => nodes(node('toString', ['x'], ['y'])),
    'is none of "ai.onnx"',
  ],
  [
    'an operator of a later opset',
    () => opsets({ 'ai.onnx': 13 }, node('Gelu', ['x'], ['y'])),
    'does not load at opset 13 of "ai.onnx", only at 20 to 26',
  ],
  [
    'an operator of an earlier opset',
    () => nodes(node('Upsample', ['x', 'w'], ['y'])),
    'does not load at opset 18 of "ai.onnx", only at 1 to 9',
  ],
  [
    'an operator without a kernel',
    () => opsets({ 'ai.onnx': 6 }, node('Add', ['x', 'w'], ['y'])),
    'does not load at opset 6 of "ai.onnx", only at 7 to 26',
  ],
  [
    'a domain that is not imported',
    () => nodes(node('Scaler', ['x'], ['y'], { domain: 'ai.onnx.ml' })),
    'belongs to "ai.onnx.ml", which the model does not import',
  ],
])('refuses %s', (_, summary, message) => {
  expect(summary()).toMatchObject({
    ok: false,
    code: 'model_operator_unsupported',
    message: expect.stringContaining(message),
  })
})
