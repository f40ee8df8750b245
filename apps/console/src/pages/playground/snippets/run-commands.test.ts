import { execFileSync } from 'node:child_process'
import { namedTensorOf } from '@skerry/client/named-tensor'
import { expect, test } from 'vitest'
import { curlCommand, inferCommand, inputsFile } from './run-commands.ts'

const x = namedTensorOf({ name: 'x', datatype: 'FP32', shape: [-1, 2] }, [[1, -2.5]])
const texts = namedTensorOf({ name: 't', datatype: 'BYTES', shape: [-1] }, ["it's", '$HOME `id`'])
const run = { hub: 'https://hub.example:8443', device: 'press-1', model: 'pump', version: 3, inputs: [x] }

/** The words as a shell splits them. */
const wordsOf = (command: string): string[] =>
  execFileSync('sh', ['-c', `for word in ${command}; do printf '%s\\0' "$word"; done`], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1)

test('the CLI command names the model, device, version and input', () => {
  expect(inferCommand(run)).toEqual({
    command: "skerry infer pump --device press-1 --version 3 --input 'x=[[1,-2.5]]'",
    isInFile: false,
  })
})

test('text inputs are quoted safely for the shell', () => {
  const words = wordsOf(inferCommand({ ...run, inputs: [texts] })?.command ?? '')
  expect(words.at(-1)).toBe(`t=["it's","$HOME \`id\`"]`)
  const body = wordsOf(curlCommand({ ...run, inputs: [texts] }).command.replaceAll('\\\n', '')).at(-1)
  expect(JSON.parse(body ?? '')).toEqual({ version: 3, inputs: [{ ...texts, data: ["it's", '$HOME `id`'] }] })
})

test('long inputs are passed as a file', () => {
  const long = namedTensorOf(
    { name: 'x', datatype: 'FP32', shape: [-1] },
    Array.from({ length: 5_000 }, (_, i) => i),
  )
  expect(inferCommand({ ...run, inputs: [long] })).toEqual({
    command: 'skerry infer pump --device press-1 --version 3 --input inputs.json',
    isInFile: true,
  })
  expect(curlCommand({ ...run, inputs: [long] }).command).toContain('-d @inputs.json')
  expect(JSON.parse(inputsFile({ ...run, inputs: [long] })).inputs[0].data).toHaveLength(5_000)
})

test('a datatype without JSON stays base64 for curl, and has no CLI command', () => {
  const half = { name: 'h', datatype: 'FP16' as const, shape: [1], data: 'ADw=' }
  expect(inferCommand({ ...run, inputs: [half] })).toBeUndefined()
  expect(JSON.parse(inputsFile({ ...run, inputs: [half] })).inputs).toEqual([half])
})

test('a scalar is written without brackets', () => {
  const scalar = namedTensorOf({ name: 's', datatype: 'FP32', shape: [] }, 7)
  expect(inferCommand({ ...run, inputs: [scalar] })?.command).toMatch(/'s=7'$/)
})
