import { readFile } from 'node:fs/promises'
import { Spec, Validation } from '@cyclonedx/cyclonedx-library'
import { Golden } from '@skerry/contract/devices/golden'
import type { VersionDetail } from '@skerry/contract/models/model'
import type { ModelSbom } from '@skerry/contract/models/sbom'
import { digestOf } from '@skerry/platform/files/hash'
import { verifyModel } from '@skerry/platform/signatures/model-signature'
import { deep } from '@skerry/testkit/tier'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import {
  doublingModel,
  floats,
  goldenOf,
  modelBytes,
  modelWithExternalBranch,
  modelWithExternalWeights,
  push,
  sendPiece,
  unary,
  upload,
} from '../stage/test-model.ts'

let hub: TestHub
beforeAll(async () => {
  hub = await startTestHub()
})
afterAll(() => hub[Symbol.asyncDispose]())

const sigmoid = modelBytes(unary('Sigmoid'))

/** The hub has read the file, knows its operators, and has run its golden cases. */
const QUICK_CODES = new Set(['model_not_onnx', 'model_operator_unsupported', 'golden_invalid'])

test('a push makes a signed version with its golden outputs, and pushing the same bytes again changes nothing', async () => {
  const first = await push(hub, 'first', sigmoid, { golden: goldenOf(0), aliases: ['champion'] })
  expect(first.status, first.text).toBe(200)
  const { created, version } = first.body
  expect(created).toBe(true)
  expect(version).toMatchObject({
    name: 'first',
    version: 1,
    goldenCases: 1,
    aliases: ['champion'],
    createdBy: 'owner',
  })
  expect(version).toMatchObject({ summary: { inputs: [{ name: 'x', datatype: 'FP32', shape: [-1] }] } })
  expect(version.files.map(({ path }) => path)).toEqual(['golden.json', 'model.onnx'])
  const expected = { name: 'first/1', resources: version.files }
  expect(verifyModel(version.bundle, [hub.hub.signing.publicKeyPem], expected)).toMatchObject({ ok: true })
  expect(verifyModel(version.bundle, [hub.hub.signing.publicKeyPem], { ...expected, name: 'first/2' }).ok).toBe(false)

  const golden = await hub.ask('GET', `/v1/blobs/${version.files[0]?.digest}`)
  const { tolerance, cases } = Golden.parse(JSON.parse(golden.text))
  expect(tolerance.absolute).toBeGreaterThan(0)
  expect(cases[0]?.outputs.y).toEqual(floats(0.5))

  const again = await push(hub, 'first', sigmoid, { golden: goldenOf(0), aliases: ['other'] })
  const alias = { part: 'alias', name: 'other', given: '1' }
  expect(again.body).toEqual({ created: false, version, notRecorded: [alias] })
  const same = await push(hub, 'first', sigmoid, { golden: goldenOf(0), aliases: ['champion'] })
  expect(same.body).toEqual({ created: false, version })
  const other = await push(hub, 'first', sigmoid, { golden: goldenOf(1) })
  expect(other.body).toMatchObject({ created: true, version: { version: 2 } })
})

test(
  'golden inputs of half a mebibyte, which a thread checks, work like small ones',
  deep('http.test.ts has a thread parse a large body in the quick tier'),
  async () => {
    const x = { datatype: 'FP32', shape: [100_000], data: Buffer.alloc(400_000).toString('base64') }
    const golden = { cases: [{ inputs: { x } }] }
    const { body, text } = await push(hub, 'wide', sigmoid, { golden })
    expect(body, text).toMatchObject({ created: true, version: { goldenCases: 1 } })
    const kept = await hub.ask('GET', `/v1/blobs/${body.version.files[0]?.digest}`)
    const { cases } = Golden.parse(JSON.parse(kept.text))
    expect(cases[0]?.outputs.y?.shape).toEqual([100_000])
    const wrong = { cases: [{ inputs: { x: { ...x, datatype: 'FP31' } } }] }
    const refused = await push(hub, 'wide', sigmoid, { golden: wrong })
    expect(refused).toMatchObject({ status: 400, body: { code: 'input_invalid' } })
    expect(refused.text).toContain('golden.cases.0.inputs.x.datatype')
  },
)

test('a real model passes, and returns the outputs of its author', async () => {
  const folder = new URL('../../../../examples/sensor-anomaly/', import.meta.url)
  const model = await readFile(new URL('model-v1.onnx', folder))
  const { window, v1 } = JSON.parse(await readFile(new URL('golden.json', folder), 'utf8')) as {
    window: number[][][]
    v1: number[]
  }
  const input = { ...floats(...window.flat(2)), shape: [window.length, 8, 2] }
  const pushed = await push(hub, 'sensor-anomaly', model, { golden: { cases: [{ inputs: { window: input } }] } })
  expect(pushed.status, pushed.text).toBe(200)
  const file = pushed.body.version.files.find(({ path }) => path === 'golden.json')
  const golden = Golden.parse(JSON.parse((await hub.ask('GET', `/v1/blobs/${file?.digest}`)).text))
  const [output] = Object.values(golden.cases[0]?.outputs ?? {})
  const got = new Float32Array(new Uint8Array(Buffer.from(output?.data ?? '', 'base64')).buffer)
  for (const [index, expected] of v1.entries()) expect(got[index]).toBeCloseTo(expected, 3)
})

test('the SBOM of a version is a CycloneDX document, equal each time, and names the pushed files', async () => {
  const ask = (version: string) => hub.ask<ModelSbom>('GET', `/v1/models/sensor-anomaly/versions/${version}/sbom`)
  const first = await ask('latest')
  const again = await ask('1')
  expect(again.text).toBe(first.text)
  expect(await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(first.text)).toBeNull()
  const { body: version } = await hub.ask<VersionDetail>('GET', '/v1/models/sensor-anomaly/versions/1')
  const files = first.body.components.filter(({ type }) => type === 'file')
  expect(files.map(({ name, hashes }) => `${name} sha256:${hashes?.[0]?.content}`)).toEqual(
    version.files.map(({ path, digest }) => `${path} ${digest}`),
  )
  expect((await ask('7')).body).toMatchObject({ code: 'version_unknown' })
})

test(
  'weights may be in files beside the model, and must be pushed with it',
  deep('three pushes of models with external weights; a push is quick above'),
  async () => {
    const weights = Buffer.from(new Float32Array([1, 2, 3]).buffer)
    const external = modelWithExternalWeights('weights.bin')
    const golden = { cases: [{ inputs: { x: floats(10, 10, 10) } }] }
    expect((await push(hub, 'beside', external, { golden })).body).toMatchObject({ code: 'model_incomplete' })
    const pushed = await push(hub, 'beside', external, { golden, files: { 'weights.bin': weights } })
    expect(pushed.status, pushed.text).toBe(200)
    const branched = modelWithExternalBranch('weights.bin')
    const inside = await push(hub, 'inside', branched, { golden, files: { 'weights.bin': weights } })
    expect(inside.status, inside.text).toBe(200)
    const climbing = await push(hub, 'beside', modelWithExternalWeights('../weights.bin'), { golden })
    expect(climbing.body).toMatchObject({ code: 'model_path_unsafe' })
  },
)

describe.each<[string, Uint8Array, unknown, string]>([
  ['is no protobuf', Buffer.from('hello, this is no model'), undefined, 'model_not_onnx'],
  ['is empty', Buffer.alloc(0), undefined, 'model_not_onnx'],
  ['has an operator that no runtime has', modelBytes(unary('Sigmoyd')), undefined, 'model_operator_unsupported'],
  [
    'has an opset of the future',
    modelBytes({ ...unary('Relu'), opsets: { 'ai.onnx': 99 } }),
    undefined,
    'model_opset_unsupported',
  ],
  ['stands for a million nodes', doublingModel(20), undefined, 'model_too_complex'],
  ['answers NaN', modelBytes(unary('Log')), goldenOf(-1), 'golden_not_finite'],
  ['answers infinity', modelBytes(unary('Reciprocal')), goldenOf(0), 'golden_not_finite'],
  ['has other inputs', sigmoid, { cases: [{ inputs: { z: floats(1) } }] }, 'golden_invalid'],
])('a model that %s', (_, model, golden, code) => {
  const tier = QUICK_CODES.has(code) ? {} : deep('another refusal; one of each stage of a push is quick')
  test('is rejected', tier, async () => {
    const answer = await push(hub, 'refused', model, golden === undefined ? {} : { golden })
    expect(answer.body, answer.text).toMatchObject({ code })
    expect(answer.status).toBe(422)
    expect((await hub.ask('GET', '/v1/models/refused')).body).toMatchObject({ code: 'model_unknown' })
  })
})

test('missing files, files named twice, and files of the hub are rejected', async () => {
  const digest = await upload(hub, sigmoid)
  const ask = (files: unknown) => hub.ask<{ code: string }>('POST', '/v1/models/wrong/versions', { body: { files } })
  const absent = `sha256:${'1'.repeat(64)}`
  const codes = await Promise.all([
    ask([{ path: 'model.onnx', digest: absent }]),
    ask([{ path: 'other.onnx', digest }]),
    ask([
      { path: 'model.onnx', digest },
      { path: 'model.onnx', digest },
    ]),
    ask([
      { path: 'model.onnx', digest },
      { path: 'golden.json', digest },
    ]),
    ask([
      { path: 'model.onnx', digest },
      { path: 'model.onnx/x', digest },
    ]),
    ask([
      { path: 'model.onnx', digest },
      { path: '../../etc/passwd', digest },
    ]),
    ask([
      { path: 'model.onnx', digest },
      { path: '/etc/passwd', digest },
    ]),
  ])
  expect(codes.map(({ body }) => body.code)).toEqual(['blob_unknown', ...Array(6).fill('input_invalid')])
})

test('aliases move, protect their version from removal, and reject an unknown version', async () => {
  await push(hub, 'aliased', modelBytes(unary('Relu')))
  await push(hub, 'aliased', modelBytes(unary('Tanh')))
  const put = (version: string) => hub.ask('PUT', '/v1/models/aliased/aliases/best', { body: { version } })
  expect((await put('1')).body).toEqual({ version: 1 })
  expect((await put('latest')).body).toEqual({ version: 2, previous: 1 })
  const detail = await hub.ask<VersionDetail>('GET', '/v1/models/aliased/versions/@best')
  expect(detail.body).toMatchObject({ version: 2, aliases: ['best'], servingCount: 0 })
  const remove = (path: string) => hub.ask('DELETE', `/v1/models/aliased${path}`)
  expect((await remove('/versions/2')).body).toMatchObject({ code: 'version_in_use' })
  expect((await remove('/aliases/best')).status).toBe(200)
  expect((await remove('/aliases/best')).body).toMatchObject({ code: 'alias_unknown' })
  expect((await remove('/versions/2')).status).toBe(200)
  expect((await put('2')).body).toMatchObject({ code: 'version_unknown' })
  expect((await put('@none')).body).toMatchObject({ code: 'alias_unknown' })
})

test(
  'a number is never given to two versions, not even after a removal of the model',
  deep('pushes twice; the store forbids a number that was given'),
  async () => {
    await push(hub, 'again', modelBytes(unary('Relu')))
    expect((await hub.ask('DELETE', '/v1/models/again')).body).toEqual({ versions: 1 })
    expect((await hub.ask('GET', '/v1/models/again')).body).toMatchObject({ code: 'model_unknown' })
    expect((await push(hub, 'again', modelBytes(unary('Relu')))).body).toMatchObject({ version: { version: 2 } })
  },
)

test('lineage is resolved, signed, shown in both directions, and marks removed models', async () => {
  await push(hub, 'base', modelBytes(unary('Relu')), { aliases: ['best'] })
  await push(hub, 'base', modelBytes(unary('Elu')))
  const said = {
    parents: [
      { name: 'base', version: '@best' },
      { name: 'base', version: 'latest' },
      { name: 'base', version: '1' },
    ],
    source: { uri: 'https://git.example/anomaly', commit: 'c0ffee' },
    dataset: { uri: 's3://data/2026', digest: `sha256:${'d'.repeat(64)}` },
    tool: 'pytorch 2.6',
  }
  const tuned = modelBytes(unary('Tanh'))
  const { body } = await push(hub, 'tuned', tuned, { lineage: said })
  const { lineage } = body.version
  expect(lineage).toMatchObject({ ...said, parents: [{ version: 1, isRemoved: false }, { version: 2 }] })
  const verdict = verifyModel(body.version.bundle, [hub.hub.signing.publicKeyPem], {
    name: 'tuned/1',
    resources: body.version.files,
  })
  const parents = lineage?.parents.map(({ isRemoved: _isRemoved, ...parent }) => parent)
  expect(verdict).toMatchObject({ ok: true, lineage: { ...said, parents } })

  const again = await push(hub, 'tuned', tuned, { lineage: { tool: 'another' } })
  expect(again.body).toMatchObject({ created: false, version: { lineage: { tool: 'pytorch 2.6' } } })
  expect(again.body.notRecorded).toEqual([{ part: 'lineage', name: 'tool', given: 'another', recorded: 'pytorch 2.6' }])

  const base = await hub.ask<VersionDetail>('GET', '/v1/models/base/versions/2')
  expect(base.body).toMatchObject({ descendantCount: 1 })
  expect(base.body.lineage).toBeUndefined()
  await push(hub, 'tuned', modelBytes(unary('Sign')), { lineage: { parents: [{ name: 'base', version: '2' }] } })
  await push(hub, 'after', modelBytes(unary('Sign')), { lineage: { parents: [{ name: 'base', version: '2' }] } })
  const list = (query: string) =>
    hub.ask<{ rows: { name: string; version: number }[]; next?: string }>(
      'GET',
      `/v1/models/base/versions/2/descendants?limit=2${query}`,
    )
  const first = await list('')
  expect(first.body).toMatchObject({ rows: [{ name: 'after' }, { name: 'tuned', version: 1 }], next: 'tuned:1' })
  expect((await list(`&after=${first.body.next}`)).body.rows).toMatchObject([{ name: 'tuned', version: 2 }])
  expect((await list('&after=nonsense')).body).toMatchObject({ code: 'input_invalid' })

  await hub.ask('DELETE', '/v1/models/base/versions/2')
  const orphan = await hub.ask<VersionDetail>('GET', '/v1/models/tuned/versions/1')
  expect(orphan.body.lineage?.parents).toMatchObject([{ isRemoved: false }, { isRemoved: true }])
})

test.each<[string, unknown, string]>([
  ['a parent that is not stored here', { parents: [{ name: 'nowhere', version: '1' }] }, 'parent_unknown'],
  ['more parents than a merge has', { parents: Array(17).fill({ name: 'base', version: '1' }) }, 'input_invalid'],
  ['a password', { source: { uri: 'https://me:secret@git.example/x' } }, 'input_invalid'],
  ['a text that is no URI', { dataset: { uri: 'my disk' } }, 'input_invalid'],
  ['an unknown field', { colour: 'red' }, 'input_invalid'],
])('lineage with %s is rejected, and nothing is stored', async (_, lineage, code) => {
  const answer = await push(hub, 'unmade', modelBytes(unary('Erf')), { lineage })
  expect(answer.body).toMatchObject({ code })
  expect(answer.text).not.toContain('secret@')
  expect((await hub.ask('GET', '/v1/models/unmade')).status).toBe(404)
})

test(
  'all versions are listed, page by page, newest first',
  deep('pushes three versions; model-use.test.ts reads pages in the quick tier'),
  async () => {
    for (const operator of ['Abs', 'Neg', 'Floor']) await push(hub, 'many', modelBytes(unary(operator)))
    type Page = { rows: { version: number }[]; next?: string }
    const first = await hub.ask<Page>('GET', '/v1/models/many/versions?limit=2')
    expect(first.body).toMatchObject({ rows: [{ version: 3 }, { version: 2 }], next: '2' })
    const rest = await hub.ask<Page>('GET', '/v1/models/many/versions?limit=2&after=2')
    expect(rest.body.rows.map(({ version }) => version)).toEqual([1])
    expect(rest.body.next).toBeUndefined()
    expect((await hub.ask('GET', '/v1/models/none/versions')).body).toMatchObject({ code: 'model_unknown' })
  },
)

test('an upload that its sender cancels is deleted, and begins again at zero', async () => {
  const bytes = Buffer.alloc(4_000, 7)
  const begin = () =>
    hub.ask<{ id: string; offsetBytes: number }>('POST', '/v1/uploads', {
      body: { digest: digestOf(bytes), sizeBytes: bytes.length },
    })
  const begun = await begin()
  await sendPiece(hub, begun.body, bytes.subarray(0, 1_000))
  expect((await begin()).body).toMatchObject({ id: begun.body.id, offsetBytes: 1_000 })
  expect((await hub.ask('DELETE', `/v1/uploads/${begun.body.id}`)).status).toBe(200)
  expect((await hub.ask('DELETE', `/v1/uploads/${begun.body.id}`)).body).toMatchObject({ code: 'upload_unknown' })
  expect((await begin()).body.offsetBytes).toBe(0)
})
