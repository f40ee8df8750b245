import { writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cli, openTestFolder, type TestFolder } from '../../../test/stage/cli.ts'

let server: Server
let url: string
let folder: TestFolder
let asked: string[] = []

const METADATA = {
  name: 'adder',
  versions: ['2'],
  platform: 'onnx_onnxv1',
  inputs: [
    { name: 'x', datatype: 'FP32', shape: [-1, 2] },
    { name: 'n', datatype: 'INT64', shape: [1] },
  ],
  outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 2] }],
}

/** Answers with what it was asked: the first input comes back as the output. */
beforeAll(async () => {
  folder = await openTestFolder()
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks).toString()
    response.setHeader('content-type', 'application/json')
    if (!request.url?.startsWith('/v2/models/adder')) {
      return response.writeHead(404).end('{"error":"unknown model"}')
    }
    if (request.method === 'GET') return response.end(JSON.stringify(METADATA))
    asked.push(`${request.url} ${body}`)
    const [x] = JSON.parse(body).inputs
    response.end(JSON.stringify({ model_name: 'adder', model_version: '2', outputs: [{ ...x, name: 'y' }] }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await folder[Symbol.asyncDispose]()
})

test('inputs in words become tensors of the model, exactly', async () => {
  asked = []
  const words = ['infer', 'adder', '--url', url, '--input', 'x=[1, 2.5]', '--input', 'n=9007199254740993']
  const { code, out, err } = await cli(words)
  expect({ code, err }).toEqual({ code: 0, err: '' })
  await expect(out).toMatchFileSnapshot('golden/tables/infer.txt')
  const x = '{"name":"x","datatype":"FP32","shape":[1,2],"data":[1,2.5]}'
  const n = '{"name":"n","datatype":"INT64","shape":[1],"data":[9007199254740993]}'
  expect(asked).toEqual([`/v2/models/adder/infer {"inputs":[${x},${n}]}`])
})

test('inputs come from a file, from stdin, or as a whole request', async () => {
  const path = join(folder.path, 'inputs.json')
  await writeFile(path, '{"x": [[1, 2], [3, 4]], "n": [7]}')
  const request = {
    inputs: [
      { name: 'x', datatype: 'FP32', shape: [2, 2], data: [1, 2, 3, 4] },
      { name: 'n', datatype: 'INT64', shape: [1], data: [7] },
    ],
  }
  const outputs = await Promise.all([
    cli(['infer', 'adder', '--url', url, '--input', path, '--json']),
    cli(['infer', 'adder', '--url', url, '--input', '-', '--json'], { stdin: '{"x": [1, 2, 3, 4], "n": [7]}' }),
    cli(['infer', 'adder', '--url', url, '--input', '-', '--json'], { stdin: JSON.stringify(request) }),
  ])
  for (const { code, out } of outputs) {
    expect(code).toBe(0)
    expect(JSON.parse(out).outputs).toEqual([{ name: 'y', datatype: 'FP32', shape: [2, 2], data: [1, 2, 3, 4] }])
  }
})

test('a version is asked for', async () => {
  asked = []
  await cli(['infer', 'adder', '--url', url, '--version', '1', '--input', 'x=[1,2]'])
  expect(asked[0]).toMatch(/^\/v2\/models\/adder\/versions\/1\/infer /)
})

test.each([
  ['another shape', 'x=[1, 2, 3]', 'x takes the shape [any, 2], but this has [3]'],
  ['a stranger', 'z=[1]', 'the model has no input z; it has x, n'],
  ['no JSON', 'x=[1,', 'the input x is not JSON'],
])('%s is told before the model is asked', async (_what, input, message) => {
  asked = []
  const { code, err } = await cli(['infer', 'adder', '--url', url, '--input', input])
  expect(code).toBe(1)
  expect(err).toContain(message)
  expect(asked).toEqual([])
})

test("a refusal is told in the server's words", async () => {
  const { code, err } = await cli(['infer', 'missing', '--url', url, '--input', 'x=[1]'])
  expect(code).toBe(1)
  expect(err).toContain('error: unknown model\n  code: inference_refused')
})

test('where and what must be said', async () => {
  expect((await cli(['infer', 'adder', '--input', 'x=[1]'])).err).toContain('give --url or --device')
  expect((await cli(['infer', 'adder', '--url', url])).err).toContain('an input is missing')
  expect((await cli(['infer', 'adder', '--url', 'ftp://x', '--input', 'x=[1]'])).code).toBe(2)
})
