import type { Explanation } from '@skerry/contract/deployments/explanation'
import type { Model, PushReply, VersionDetail } from '@skerry/contract/models/model'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { verifyModel } from '@skerry/platform/signatures/model-signature'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Answer, startTestHub, type TestHub } from '../stage/running-hub.ts'
import { INVENTORY, joinDevice, openLink, reportOf } from '../stage/test-device.ts'
import { modelBytes, push, unary, upload } from '../stage/test-model.ts'

let hub: TestHub
beforeAll(async () => {
  hub = await startTestHub()
})
afterAll(() => hub[Symbol.asyncDispose]())

const flow = (name: string, more: object = {}) => ({
  name,
  inputs: [{ name: 'pressure', source: 'press-7', tag: 'pressure' }],
  steps: [{ name: 'high', kind: 'threshold', from: 'pressure', above: 5 }],
  sinks: [{ name: 'alarm', kind: 'hub', from: 'high' }],
  ...more,
})
const line = { source: 'press-7', tag: 'pressure', receivedTimeMs: 5, quality: 'good', value: 6 }
const golden = (sink: string) => ({
  tolerance: { absolute: 0, relative: 0 },
  outputs: [{ sink, timeMs: 5, quality: 'good', value: 1 }],
})

type Files = Record<string, string>

async function pushFlow(
  name: string,
  files: Files,
  body: object = {},
): Promise<Answer<PushReply & { code?: string; message?: string }>> {
  const named: { path: string; digest: string }[] = []
  for (const [path, text] of Object.entries(files)) {
    named.push({ path, digest: await upload(hub, Buffer.from(text)) })
  }
  return hub.ask('POST', `/v1/models/${name}/versions`, { body: { files: named, ...body } })
}

const whole = (name: string): Files => ({
  'flow.json': canonicalJson(flow(name)),
  'recording.jsonl': `${JSON.stringify(line)}\n`,
  'golden.json': JSON.stringify(golden('alarm')),
})

test('a flow is a version: numbered, signed, with aliases, and an equal push changes nothing', async () => {
  const first = await pushFlow('watch', whole('watch'), { aliases: ['best'] })
  expect(first.status, first.text).toBe(200)
  const { version } = first.body
  expect(version).toMatchObject({ kind: 'flow', name: 'watch', version: 1, goldenCases: 1, aliases: ['best'] })
  expect(version).toMatchObject({ flow: { name: 'watch', steps: [{ kind: 'threshold', above: 5 }] } })
  const expected = { name: 'watch/1', resources: version.files }
  expect(verifyModel(version.bundle, [hub.hub.signing.publicKeyPem], expected)).toMatchObject({ ok: true })
  expect(version.goldenSource, 'the hub runs no flow').toBe('pushed')
  expect((await pushFlow('watch', whole('watch'))).body).toEqual({ created: false, version })
  const labelled = await pushFlow('watch', whole('watch'), { labels: { run: '2' } })
  expect(labelled.body.notRecorded).toEqual([{ part: 'label', name: 'run', given: '2' }])
  const second = await pushFlow('watch', { 'flow.json': canonicalJson(flow('watch', { description: 'other' })) })
  expect(second.body.version).toMatchObject({ kind: 'flow', version: 2, goldenCases: 0 })
  const shown = await hub.ask<VersionDetail>('GET', '/v1/models/watch/versions/@best')
  expect(shown.body).toEqual(version)
})

test('a list distinguishes kinds, and a name keeps its kind until it is removed', async () => {
  await pushFlow('one-flow', { 'flow.json': JSON.stringify(flow('one-flow')) })
  await push(hub, 'one-model', modelBytes(unary('Sigmoid')))
  const names = async (query: string) => {
    const { body } = await hub.ask<{ rows: Model[] }>('GET', `/v1/models?${query}`)
    return body.rows.filter(({ name }) => name.startsWith('one-')).map(({ name, kind }) => `${name} ${kind}`)
  }
  expect(await names('')).toEqual(['one-flow flow', 'one-model model'])
  expect(await names('kind=flow')).toEqual(['one-flow flow'])
  expect(await names('kind=model')).toEqual(['one-model model'])
  expect((await push(hub, 'one-flow', modelBytes(unary('Sigmoid')))).body).toMatchObject({ code: 'model_kind_differs' })
  const wrong = await pushFlow('one-model', { 'flow.json': JSON.stringify(flow('one-model')) })
  expect(wrong.body).toMatchObject({
    code: 'model_kind_differs',
    message: 'the name one-model belongs to models; push the flow under another name',
  })
  await hub.ask('DELETE', '/v1/models/one-flow')
  expect((await push(hub, 'one-flow', modelBytes(unary('Sigmoid')))).body.version).toMatchObject({
    kind: 'model',
    version: 2,
  })
})

test.each<[string, string, Files]>([
  ['flow.json is not JSON', 'flow_invalid', { 'flow.json': '{' }],
  [
    'flow.json, steps.0.from: there is no signal nowhere above this',
    'flow_invalid',
    {
      'flow.json': JSON.stringify(flow('broken', { steps: [{ name: 'x', kind: 'lag', from: 'nowhere', samples: 1 }] })),
    },
  ],
  [
    'flow.json, steps.0.expression:',
    'flow_invalid',
    {
      'flow.json': JSON.stringify(
        flow('broken', { steps: [{ name: 'high', kind: 'expression', from: ['pressure'], expression: '$sum(' }] }),
      ),
    },
  ],
  ['pushed as broken; give it one name', 'flow_invalid', { 'flow.json': JSON.stringify(flow('other')) }],
  [
    'recording.jsonl line 2 is not JSON',
    'flow_invalid',
    {
      ...whole('broken'),
      'recording.jsonl': `{"source":"press-7","tag":"pressure","receivedTimeMs":5,"quality":"good","value":6}\nx`,
    },
  ],
  ['recording.jsonl is empty', 'flow_invalid', { ...whole('broken'), 'recording.jsonl': '' }],
  [
    'golden.json has outputs of elsewhere, which is not a sink of the flow',
    'flow_invalid',
    { ...whole('broken'), 'golden.json': JSON.stringify(golden('elsewhere')) },
  ],
  ['recording.jsonl and golden.json belong together', 'input_invalid', { 'flow.json': '{}', 'golden.json': '{}' }],
  ['a flow has no notes.txt', 'input_invalid', { 'flow.json': '{}', 'notes.txt': 'x' }],
  ['one of the files must be model.onnx, or flow.json', 'input_invalid', { 'notes.txt': 'x' }],
])('a push is rejected: %s', async (message, code, files) => {
  expect((await pushFlow('broken', files)).body).toMatchObject({ code, message: expect.stringContaining(message) })
})

test('requests for models only are rejected for flows', async () => {
  await pushFlow('no-model', { 'flow.json': JSON.stringify(flow('no-model')) })
  expect((await hub.ask('GET', '/v1/models/no-model/versions/1/sbom')).body).toMatchObject({
    code: 'version_not_model',
  })
  const applied = await hub.ask('PUT', '/v1/deployments/shadowed', {
    body: { deployable: 'no-model', strategy: { shadow: {} } },
  })
  expect(applied.body).toMatchObject({ message: expect.stringContaining('cannot be a shadow') })
})

test('an agent that does not report flows gets no offer of one, and people see the reason', async () => {
  await pushFlow('for-new', { 'flow.json': JSON.stringify(flow('for-new')) })
  const devices = { old: await joinDevice(hub, { name: 'old' }), new: await joinDevice(hub, { name: 'new' }) }
  using old = await openLink(hub, devices.old)
  using young = await openLink(hub, devices.new)
  await old.client.report(reportOf())
  await young.client.report(reportOf({ inventory: { ...INVENTORY, capabilities: ['onnx', 'flow'] } }))
  const applied = await hub.ask('PUT', '/v1/deployments/for-new', { body: { deployable: 'for-new' } })
  expect(applied.status, applied.text).toBe(200)
  const explained = await hub.ask<Explanation>('GET', '/v1/deployments/for-new/explain/old')
  expect(explained.body).toMatchObject({ picked: false })
  expect(explained.body.summary).toContain('the agent of the device is too old to run flows; update it')
  const offers = await young.client.desired({})
  for await (const document of offers) {
    expect(document.items).toMatchObject([{ kind: 'flow', name: 'for-new', files: [{ path: 'flow.json' }] }])
    break
  }
  expect((await old.client.report(reportOf())).generation).toBe(0)
})

test('a deployment of a flow rolls back as one of a model does', async () => {
  for (const description of ['first', 'second'])
    await pushFlow('returning', { 'flow.json': canonicalJson(flow('returning', { description })) })
  await hub.ask('PUT', '/v1/deployments/returning', { body: { deployable: 'returning', version: '1' } })
  await hub.ask('PUT', '/v1/deployments/returning', { body: { deployable: 'returning', version: '2' } })
  const plan = await hub.ask('GET', '/v1/deployments/returning/rollback?to=1')
  expect(plan.body, plan.text).toMatchObject({ from: { version: 2 }, to: { deployable: 'returning', version: 1 } })
  const answer = await hub.ask('POST', '/v1/deployments/returning/rollback', { body: { to: 1 } })
  expect(answer.body, answer.text).toMatchObject({ rollbackTo: 1, deployment: { revision: 3, version: 1 } })
})
