import { generateKeyPairSync } from 'node:crypto'
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildModel, float32Tensor } from '@skerry/onnx/build'
import { writeModel } from '@skerry/onnx/write'
import { openTestReport } from '@skerry/platform/signatures/test-signature'
import { beforeEach, expect, test } from 'vitest'
import { cli, openTestFolder, type TestFolder } from '../../../test/stage/cli.ts'

let folder: TestFolder

beforeEach(async () => {
  folder = await openTestFolder()
  return () => folder[Symbol.asyncDispose]()
})

const example = (name: string) =>
  fileURLToPath(new URL(`../../../../../examples/sensor-anomaly/${name}`, import.meta.url))

/** score = x · (1, -1): it rises with the first column. */
async function writeProject(checks: string): Promise<string> {
  const model = buildModel({
    nodes: [{ operator: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 1] }],
    initialisers: [float32Tensor('w', [2, 1], Float32Array.of(1, -1))],
  })
  await writeFile(join(folder.path, 'model.onnx'), writeModel(model))
  const golden = { inputs: { x: [[[1, 2]], [[5, 1]]] }, outputs: { y: [[[-1]], [[4]]] } }
  await writeFile(join(folder.path, 'golden.json'), JSON.stringify(golden))
  await writeFile(join(folder.path, 'rows.csv'), 'site,a,b,label\ndelft,3,1,2\ndelft,4,1,3\nrotterdam,9,1,7\n')
  const path = join(folder.path, 'skerry-test.yaml')
  await writeFile(path, `model: model.onnx\nchecks:\n${checks}`)
  return path
}

const PASSING = `
  - { check: golden, file: golden.json }
  - { check: invariance, name: rises, file: golden.json, change: { column: 0, add: 1 }, expect: not-lower }
  - { check: invariance, name: same shift, file: golden.json, change: { add: 3 } }
  - { check: slice, table: rows.csv, label: label, by: site, task: regression, rowsMin: 1, atMost: { mae: 1 } }
  - { check: latency, file: golden.json, runs: 20, p95Ms: 10000 }
  - { check: size, megabytes: 1 }
`

test('all kinds of checks run on a file without a hub, and the signed result names the files', async () => {
  const path = await writeProject(PASSING)
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const key = join(folder.path, 'ci.pem')
  await writeFile(key, privateKey.export({ type: 'pkcs8', format: 'pem' }))
  const output = join(folder.path, 'result.sig')
  const { code, out } = await cli(['test', '--checks', path, '--sign', key, '-o', output, '--json'])
  const report = JSON.parse(out)
  expect(report.checks.filter(({ passed }: { passed: boolean }) => !passed)).toEqual([])
  expect({ code, passed: report.passed, count: report.checks.length }).toEqual({ code: 0, passed: true, count: 6 })
  const bundle: unknown = JSON.parse(await readFile(output, 'utf8'))
  const publicPem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const opened = openTestReport(bundle, [publicPem])
  expect(opened).toMatchObject({ ok: true, report, statement: { predicate: { result: 'PASSED' } } })
  expect(opened.ok && opened.statement.subject.map(({ name }) => name)).toEqual(['model.onnx'])
  const other = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).publicKey.export({
    type: 'spki',
    format: 'pem',
  })
  expect(openTestReport(bundle, [other.toString()]).ok).toBe(false)
})

const FAILING = `
  - { check: golden, file: wrong.json }
  - { check: invariance, file: golden.json, change: { column: 1, add: 1 }, expect: not-lower }
  - { check: slice, table: rows.csv, label: label, by: site, task: regression, rowsMin: 1, atMost: { mae: 0.5 } }
  - { check: latency, file: golden.json, runs: 5, p50Ms: 0.0000001 }
  - { check: size, megabytes: 0.00001 }
`

test('each kind of check can fail: the table says how, and the exit code is 1', async () => {
  const path = await writeProject(FAILING)
  const wrong = { inputs: { x: [[[1, 2]], [[5, 1]]] }, outputs: { y: [[[-1]], [[7]]] } }
  await writeFile(join(folder.path, 'wrong.json'), JSON.stringify(wrong))
  const { code, out } = await cli(['test', '--checks', path])
  expect(code).toBe(1)
  expect(out.match(/^failed/gm)).toHaveLength(5)
  expect(out).toContain('output y[0, 0] is 4, expected 7')
  expect(out).toContain('y[0]: -1 became -2')
  expect(out).toContain('site rotterdam: mae 1 of 1 rows')
  expect(out).toContain('5 checks, 5 failed')
})

test('a model that does not load fails its checks, and a broken file the command', async () => {
  const path = await writeProject('  - { check: golden, file: golden.json }\n')
  const { code, err } = await cli(['test', '--checks', path, example('golden.json')])
  expect({ code, err }).toMatchObject({ code: 1, err: expect.stringContaining('is no ONNX file') })
  await writeFile(path, 'checks:\n  - { check: goldn }\n  - { check: size, megabyte: 1 }\n')
  const wrong = await cli(['test', '--checks', path])
  expect(wrong.err).toContain('skerry-test.yaml:2')
  expect(wrong.err).toContain('skerry-test.yaml:3')
})

test('the project that init writes is complete: its checks pass on a good model', async () => {
  const project = join(folder.path, 'project')
  await mkdir(project)
  expect((await cli(['init', project])).out).toContain('.github/workflows/model.yml')
  await copyFile(example('model-v1.onnx'), join(project, 'model.onnx'))
  const { window, v1 } = JSON.parse(await readFile(example('golden.json'), 'utf8'))
  await writeFile(join(project, 'golden.json'), JSON.stringify({ window, score: v1 }))
  const { code, out } = await cli(['test', '--checks', join(project, 'skerry-test.yaml')])
  expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining('3 checks, all passed') })
  expect((await cli(['init', project])).err).toContain('it exists')
})
