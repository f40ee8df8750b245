/** Pushes of served models to the hub: the accepted files, and the rejections. */
import type { DeploymentPlan } from '@skerry/contract/deployments/deployment'
import type { PushReply } from '@skerry/contract/models/model'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { INVENTORY, joinDevice, openLink, reportOf } from '../stage/test-device.ts'
import { upload } from '../stage/test-model.ts'

let hub: TestHub
beforeAll(async () => {
  hub = await startTestHub()
})
afterAll(() => hub[Symbol.asyncDispose]())

const spec = (name: string) => ({ name, datatype: 'INT32', shape: [-1] })
const SERVED = { v: 1, app: 'vision', model: 'digits', inputs: [spec('x')], outputs: [spec('y')] }
const INT32 = { datatype: 'INT32', shape: [1], data: 'AQAAAA==' }
const golden = (outputs: object | undefined, inputs: object = { x: INT32 }) => ({ cases: [{ inputs, outputs }] })

async function push(served: unknown, body: object = {}, path = 'served.json') {
  const digest = await upload(hub, Buffer.from(JSON.stringify(served)))
  const files = [{ path: 'served.json', digest: await upload(hub, Buffer.from(JSON.stringify(served))) }]
  const all = path === 'served.json' ? files : [...files, { path, digest }]
  return hub.ask<PushReply & { code?: string; message?: string }>('POST', '/v1/models/digits/versions', {
    body: { files: all, ...body },
  })
}

test('a served model is a version with the golden cases of its app', async () => {
  const { status, body, text } = await push(SERVED, { golden: golden({ y: INT32 }) })
  expect(status, text).toBe(200)
  expect(body.version).toMatchObject({ kind: 'served', goldenCases: 1, served: { app: 'vision', model: 'digits' } })
  expect(body.version.files.map(({ path }) => path)).toEqual(['golden.json', 'served.json'])
})

test.each([
  ['another file', SERVED, {}, 'weights.bin', 'input_invalid', 'its only file is served.json'],
  ['an address in place of an app', { ...SERVED, app: '10.0.0.1:80' }, {}, 'served.json', 'input_invalid', 'app'],
  ['a path in place of a model', { ...SERVED, model: '..' }, {}, 'served.json', 'input_invalid', 'model'],
  ['an unknown field', { ...SERVED, url: 'http://x' }, {}, 'served.json', 'input_invalid', 'url'],
  ['a case without outputs', SERVED, { golden: golden(undefined) }, 'served.json', 'golden_invalid', 'no output y'],
  [
    'a case with another input',
    SERVED,
    { golden: golden({ y: INT32 }, { z: INT32 }) },
    'served.json',
    'golden_invalid',
    "'z' is unknown",
  ],
  [
    'an output of another type',
    SERVED,
    { golden: golden({ y: { ...INT32, datatype: 'FP32' } }) },
    'served.json',
    'golden_invalid',
    'is FP32',
  ],
])('a push with %s is rejected', async (_, served, body, path, code, words) => {
  const answer = await push(served, body, path)
  expect([answer.status, answer.body.code]).toEqual([code === 'input_invalid' ? 400 : 422, code])
  expect(answer.body.message).toContain(words)
})

test('a hosted model brings files of another engine, and names the app that loads them', async () => {
  const hosted = { v: 1, runtime: { app: 'triton', version: 3 }, inputs: [spec('x')], outputs: [spec('y')] }
  const pushHosted = async (file: object, paths: readonly string[], body: object = {}) => {
    const plan = await upload(hub, Buffer.from('a plan of another engine'))
    const files = [
      { path: 'hosted.json', digest: await upload(hub, Buffer.from(JSON.stringify(file))) },
      ...paths.map((path) => ({ path, digest: plan })),
    ]
    return hub.ask<PushReply & { code?: string; message?: string }>('POST', '/v1/models/planned/versions', {
      body: { files, ...body },
    })
  }
  // The file of another kind is no main file below this folder.
  const paths = ['files/1/model.plan', 'files/model.onnx']
  const { status, body, text } = await pushHosted(hosted, paths, { golden: golden({ y: INT32 }) })
  expect(status, text).toBe(200)
  expect(body.version).toMatchObject({
    kind: 'hosted',
    goldenCases: 1,
    hosted: { runtime: { app: 'triton', version: 3 } },
  })
  const codeOf = async (...pushing: Parameters<typeof pushHosted>) => {
    const answer = await pushHosted(...pushing)
    return [answer.status, answer.body.code, answer.body.message]
  }
  expect(await codeOf(hosted, [])).toEqual([400, 'input_invalid', expect.stringContaining('no file below files/')])
  expect(await codeOf(hosted, ['model.plan'])).toEqual([
    400,
    'input_invalid',
    expect.stringContaining('has no model.plan'),
  ])
  const path = { ...hosted, runtime: { app: '../triton' } }
  expect(await codeOf(path, paths)).toEqual([400, 'input_invalid', expect.stringContaining('runtime.app')])
  expect(await codeOf(hosted, paths, { golden: golden(undefined) })).toEqual([
    422,
    'golden_invalid',
    expect.stringContaining('no output y'),
  ])
})

test('a device without the runtime of a hosted model is refused in the plan, and gets the model when it has the runtime', async () => {
  using link = await openLink(hub, await joinDevice(hub, { name: 'press-1' }))
  const inventory = { ...INVENTORY, capabilities: ['onnx' as const, 'container' as const, 'hosted' as const] }
  await link.client.report(reportOf({ inventory }))
  const body = { deployable: 'planned' }
  const { body: plan, text } = await hub.ask<DeploymentPlan>('POST', '/v1/deployments/planned/plan', { body })
  expect(plan.refused, text).toMatchObject([
    { name: 'press-1', code: 'runtime_missing', message: expect.stringContaining('skerry deploy triton') },
  ])
  expect((await hub.ask('PUT', '/v1/deployments/planned', { body })).status).toBe(200)
  // The hub reads the runtime from the stored version again, because the device joins later.
  await link.client.report(reportOf({ inventory: { ...inventory, runtimes: [{ app: 'triton', version: 3 }] } }))
  for await (const { items } of await link.client.desired({})) {
    if (items.length === 0) continue
    expect(items).toMatchObject([{ kind: 'hosted', name: 'planned', version: 1 }])
    break
  }
})

test('a chat model is a version with the golden prompts of its app, and another form of it is rejected', async () => {
  const chat = { v: 1, app: 'writer', model: 'small', system: 'Be brief.' }
  const text = (value: string) => {
    const bytes = Buffer.alloc(4 + Buffer.byteLength(value))
    bytes.writeUInt32LE(Buffer.byteLength(value))
    bytes.write(value, 4)
    return { datatype: 'BYTES', shape: [1], data: bytes.toString('base64') }
  }
  const pushChat = async (file: object, body: object = {}) => {
    const files = [{ path: 'chat.json', digest: await upload(hub, Buffer.from(JSON.stringify(file))) }]
    return hub.ask<PushReply & { code?: string; message?: string }>('POST', '/v1/models/assistant/versions', {
      body: { files, ...body },
    })
  }
  const prompts = { cases: [{ inputs: { prompt: text('State?') }, outputs: { text: text('Noted') } }] }
  const { status, body, text: words } = await pushChat(chat, { golden: prompts })
  expect(status, words).toBe(200)
  expect(body.version).toMatchObject({ kind: 'chat', goldenCases: 1, chat: { app: 'writer', answerTokens: 256 } })
  const wrong = await pushChat({ ...chat, url: 'http://x' })
  expect([wrong.status, wrong.body.code]).toEqual([400, 'input_invalid'])
  const noText = await pushChat(chat, { golden: { cases: [{ inputs: { x: INT32 } }] } })
  expect([noText.status, noText.body.code]).toEqual([422, 'golden_invalid'])
})
