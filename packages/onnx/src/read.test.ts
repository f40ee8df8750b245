import { expect, test } from 'vitest'
import { readModel } from './read.ts'

const text = (value: string) => Uint8Array.from(value, (character) => character.charCodeAt(0))

test.each([
  ['', 'the file is empty'],
  ['version https://git-lfs.github.com/spec/v1\noid sha256:0', 'run "git lfs pull" first'],
  ['PK\x03\x04\x14', 'a zip archive, as PyTorch checkpoints are; export the model to ONNX'],
  ['\x80\x04\x95', 'a Python pickle'],
  ['\x89HDF\r\n\x1a\n', 'an HDF5 file'],
  ['\x1c\0\0\0TFL3', 'a TensorFlow Lite model'],
  ['\x18\0\0\0ORTM', "in onnxruntime's own .ort format"],
  ['<!doctype html>', 'not an ONNX model'],
  ['\x08\x08', 'the file holds no graph'],
  ['\x3a\x00', 'the file states no ir_version'],
  ['\x08\x08\x3a\x00', 'the file states no opset_import'],
])('says that %j is no model, and why', (content, message) => {
  expect(readModel(text(content))).toMatchObject({
    ok: false,
    code: 'model_not_onnx',
    message: expect.stringContaining(message),
  })
})

test('reads the smallest possible model', () => {
  expect(readModel(text('\x08\x08\x3a\x00\x42\x02\x10\x0d'))).toMatchObject({ ok: true, value: { irVersion: 8n } })
})
