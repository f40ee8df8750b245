/**
 * Language models with real processes: a hub, and two devices that load the same weights. The weights are random, so that
 * answers mean nothing. Form, order, limits and refusals are real.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SourceSpec } from '@skerry/contract/connections/connection-spec'
import type { AskPart } from '@skerry/contract/language-models/asking'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { makeTestAdapter, makeTestGguf } from '@skerry/testkit/language-models/test-gguf'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../../examples/stage/fleet.ts'
import { pushFiles } from '../../examples/stage/push.ts'
import { commandLine } from '../stage/command-line.ts'
import {
  type ChatAnswer,
  chat,
  chatAnswer,
  deployLanguage,
  eventsOf,
  goldenPrompt,
  greedyAnswer,
  NAME,
  pushLanguage,
  SCHEMA,
  textOf,
} from './stage.ts'

const SITE = { name: 'hamburg', kind: 'edge', country: 'DE' } as const
const WEIGHTS = makeTestGguf()

let folder: string
let hub: HubProgram
let agents: AgentProgram[] = []
let expected: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-language-'))
  hub = await startHub(await newHubHome(folder))
  agents = [
    await startAgent(hub, { site: SITE, device: 'press-1', folder }),
    await startAgent(hub, { site: SITE, device: 'press-2', folder }),
  ]
  expected = await greedyAnswer(folder, WEIGHTS, 'Pump 17 fault')
  await pushLanguage(hub, { bytes: WEIGHTS, answer: expected })
  await deployLanguage(hub, '1')
})
afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.stop()))
  await hub?.stop()
  await rm(folder, { recursive: true, force: true })
})

const urlOf = (at: number) => agents[at]?.restUrl ?? ''

test('the version has the facts of its header, and two devices give the same greedy answer', async () => {
  const version = await hub.client.model.getVersion({ name: NAME, version: '1' })
  expect(version).toMatchObject({
    kind: 'gguf',
    goldenCases: 1,
    language: {
      facts: { architecture: 'llama', quantisation: 'F32', contextLength: 512, vocabularySize: 259 },
      settings: { contextTokens: 256, template: 'file' },
    },
  })
  const answers = await Promise.all([0, 1].map((at) => chatAnswer(urlOf(at), { max_tokens: 32 })))
  expect(answers.map(textOf)).toEqual([expected, expected])
  expect(answers[0]?.usage.completion_tokens).toBe(32)
  const models = (await (await fetch(`${urlOf(0)}/v1/models`)).json()) as { data: object[] }
  expect(models.data).toMatchObject([{ id: NAME, version: '1' }])
})

test('an answer streams, and its parts are the whole answer', async () => {
  const response = await chat(urlOf(0), { max_tokens: 32, stream: true, stream_options: { include_usage: true } })
  expect(response.headers.get('content-type')).toContain('text/event-stream')
  const events: string[] = []
  for await (const event of eventsOf(response)) events.push(event)
  expect(events.at(-1)).toBe('[DONE]')
  const chunks = events.slice(0, -1).map((event) => JSON.parse(event))
  expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe(expected)
  expect(chunks.at(-1)).toMatchObject({
    usage: { completion_tokens: 32 },
    timing: { tokensPerSecond: expect.any(Number) },
  })
})

test('a stop text ends the answer before it', async () => {
  const [stop = ''] = /[A-Za-z]/.exec(expected) ?? []
  const answer = await chatAnswer(urlOf(0), { max_tokens: 32, stop })
  expect(textOf(answer)).toBe(expected.slice(0, expected.indexOf(stop)))
  expect(answer.choices[0]?.finish_reason).toBe('stop')
})

test('a schema binds the answer, and a hostile schema is rejected', async () => {
  const format = (schema: unknown) => ({ type: 'json_schema', json_schema: { name: 'report', schema } })
  const answer = await chatAnswer(urlOf(0), { max_tokens: 120, response_format: format(SCHEMA) })
  const report = JSON.parse(textOf(answer))
  expect(['low', 'high']).toContain(report.severity)
  expect(Number.isInteger(report.pump)).toBe(true)
  let deep: unknown = { type: 'integer' }
  for (let level = 0; level < 50; level++) deep = { type: 'object', properties: { a: deep } }
  for (const schema of [deep, { $ref: '#' }, { type: 'object', properties: { 'a"\nroot ::= "x': { type: 'null' } } }]) {
    const refused = await chat(urlOf(0), { response_format: format(schema) })
    expect([refused.status, await refused.json()]).toMatchObject([400, { error: { code: 'schema_refused' } }])
  }
})

test('a prompt longer than the context, an unknown model and a wrong body are rejected with a code', async () => {
  const messages = [{ role: 'user', content: 'pump '.repeat(200) }]
  const codes = await Promise.all(
    [{ messages }, { model: 'other' }, { model: `${NAME}:9` }, { n: 2 }, { tools: [] }].map(async (body) => {
      const { error } = (await (await chat(urlOf(0), body)).json()) as { error: { code: string } }
      return error.code
    }),
  )
  expect(codes).toEqual(['prompt_too_long', 'model_unknown', 'version_unknown', 'input_invalid', 'input_invalid'])
})

test('texts become vectors', async () => {
  const body = JSON.stringify({ model: NAME, input: ['pump', 'valve'] })
  const response = await fetch(`${urlOf(1)}/v1/embeddings`, { method: 'POST', body })
  const { data } = (await response.json()) as { data: { embedding: number[] }[] }
  expect(data.map(({ embedding }) => embedding.length)).toEqual([64, 64])
})

test('a person asks a device through the hub, and the answer streams', async () => {
  const asked = { device: 'press-2', model: NAME, messages: [{ role: 'user' as const, text: 'Pump 17 fault' }] }
  const parts: AskPart[] = []
  for await (const part of await hub.client.device.ask({ ...asked, maxTokens: 32 })) parts.push(part)
  const texts = parts.flatMap((part) => (part.kind === 'text' ? [part.text] : []))
  expect(texts.length).toBeGreaterThan(1)
  expect(texts.join('')).toBe(expected)
  expect(parts.at(-1)).toMatchObject({
    kind: 'done',
    device: 'press-2',
    version: 1,
    finish: 'length',
    answerTokens: 32,
  })
  const tooLong = { ...asked, messages: [{ role: 'user' as const, text: 'pump '.repeat(200) }] }
  await expect(hub.client.device.ask(tooLong)).rejects.toMatchObject({ code: 'inference_refused' })
  await expect(hub.client.device.ask({ ...asked, model: 'other' })).rejects.toMatchObject({ code: 'model_unknown' })
  const { rows } = await hub.client.audit.list({ action: 'device.ask' })
  expect(rows.filter(({ result }) => result === 'ok').map(({ detail }) => detail)).toMatchObject([
    { model: NAME, promptCharacters: 13 },
  ])
})

test('a step of a flow asks the model, and its JSON answer becomes a value', async () => {
  const { client } = hub
  const pressure = {
    name: 'pressure',
    signal: { kind: 'ramp', from: 1, to: 9, periodSeconds: 60 },
  }
  const groups = [{ name: 'fast', everyMs: 500, tags: [pressure] }]
  const spec = SourceSpec.parse({ name: 'press', protocol: 'simulator', connection: {}, groups })
  await client.source.set({ name: 'press', spec })
  const flow = {
    name: 'press-report',
    inputs: [{ name: 'bar', source: 'press', tag: 'pressure' }],
    steps: [
      {
        name: 'severity',
        kind: 'ask',
        model: NAME,
        from: ['bar'],
        prompt: 'The pressure is {bar} bar. How severe is this?',
        schema: { type: 'object', properties: { severity: { enum: ['low', 'high'] } } },
        field: 'severity',
        answerTokens: 40,
      },
      { name: 'pumps', kind: 'ask', model: NAME, from: ['bar'], prompt: '{bar}', gives: 'number', answerTokens: 4 },
    ],
    sinks: [{ name: 'severities', kind: 'hub', from: 'severity' }],
  }
  await pushFiles(hub, { name: flow.name, contents: { 'flow.json': new Uint8Array(Buffer.from(canonicalJson(flow))) } })
  const about = { deployable: flow.name, version: '1', probation: { seconds: 0 } }
  await client.deployment.apply({ name: flow.name, ...about })
  const newestOf = async (step: string) => {
    const { items } = await client.device.get({ device: 'press-1' })
    if (!items.some(({ name, state }) => name === flow.name && state === 'active')) return undefined
    const { parts } = await client.flow.look({ device: 'press-1', flow: flow.name })
    return parts.find(({ name, part }) => name === step && part === 'step')?.recent.at(-1)
  }
  await until(async () => (await newestOf('severity'))?.quality === 'good')
  const newest = await newestOf('severity')
  expect(['low', 'high']).toContain(newest?.quality === 'good' && newest.value)
  // Random bytes are no number, and no value.
  await until(async () => (await newestOf('pumps'))?.quality === 'bad')
  expect(await newestOf('pumps')).toMatchObject({ cause: 'answer_invalid' })
})

test('a version with one altered weight fails its golden prompt, and the good version keeps serving', async () => {
  const { client } = hub
  await pushLanguage(hub, { bytes: makeTestGguf({ alteredBy: 8 }), answer: expected })
  await client.deployment.apply({ name: NAME, deployable: NAME, version: '2', probation: { seconds: 0 } })
  const failedItem = async () => {
    const { items } = await client.device.get({ device: 'press-1' })
    return items.find(({ name, state }) => name === NAME && state === 'failed')
  }
  await until(async () => (await failedItem()) !== undefined)
  expect(await failedItem()).toMatchObject({ cause: { code: 'golden_mismatch' }, serving: { version: 1 } })
  expect(textOf(await chatAnswer(urlOf(0), { max_tokens: 32 }))).toBe(expected)
  await deployLanguage(hub, '1')
})

test('an adapter is a small version of its own: it shares the weights, and answers in its own way', async () => {
  const { client } = hub
  const adapter = makeTestAdapter()
  const tuned = await greedyAnswer(folder, WEIGHTS, 'Pump 17 fault', adapter)
  expect(tuned).not.toBe(expected)
  await writeFile(join(folder, 'adapter.gguf'), adapter)
  await writeFile(join(folder, 'wrong.gguf'), makeTestAdapter({ blocks: 3 }))
  await writeFile(
    join(folder, 'prompts.json'),
    JSON.stringify([{ prompt: 'Pump 17 fault', answer: tuned, maxTokens: 32 }]),
  )
  const skerry = commandLine(hub, folder)
  const about = ['--base', `${NAME}:1`, '--golden', 'prompts.json']
  await expect(skerry('model', 'push', 'adapter.gguf', '--name', 'tuned')).rejects.toThrow('--base')
  await expect(skerry('model', 'push', 'wrong.gguf', '--name', 'tuned', ...about)).rejects.toThrow('blk.2.attn_q')
  await skerry('model', 'push', 'adapter.gguf', '--name', 'tuned', ...about)
  const version = await client.model.getVersion({ name: 'tuned', version: '1' })
  expect(version).toMatchObject({
    language: { adapter: { rank: 4, pairCount: 4 }, settings: { contextTokens: 256, adapter: { scale: 1 } } },
    lineage: { parents: [{ name: NAME, version: 1 }] },
  })
  const base = await client.model.getVersion({ name: NAME, version: '1' })
  const weightsOf = ({ files }: typeof version) => files.find(({ path }) => path === 'model.gguf')?.digest
  expect(weightsOf(version)).toBe(weightsOf(base))
  expect(await skerry('model', 'show', 'tuned:1')).toMatch(/adapter +test-adapter: rank 4, 4 matrices/)
  await client.deployment.apply({ name: 'tuned', deployable: 'tuned', version: '1', probation: { seconds: 0 } })
  await until(async () => (await client.deployment.get({ deployment: 'tuned' })).rolloutStatus === 'done')
  const both = await Promise.all(['tuned', NAME].map((model) => chatAnswer(urlOf(0), { model, max_tokens: 32 })))
  expect(both.map(textOf)).toEqual([tuned, expected])
  const body = JSON.stringify({ model: 'tuned', input: 'pump' })
  const refused = await fetch(`${urlOf(1)}/v1/embeddings`, { method: 'POST', body })
  expect([refused.status, await refused.json()]).toMatchObject([400, { error: { code: 'embeddings_refused' } }])
  await client.deployment.remove({ deployment: 'tuned' })
})

test('the hub rejects a hostile header, and settings that do not fit the model', async () => {
  const hostile = new Uint8Array(WEIGHTS)
  new DataView(hostile.buffer).setBigUint64(8, 2n ** 40n, true)
  const push = (contents: Record<string, Uint8Array<ArrayBuffer>>) => pushFiles(hub, { name: 'hostile', contents })
  await expect(push({ 'model.gguf': hostile })).rejects.toMatchObject({ code: 'gguf_invalid' })
  const unnamed = push({ 'model.gguf': makeTestGguf({ context: 4_096 }), 'adapter.gguf': makeTestAdapter() })
  await expect(unnamed).rejects.toMatchObject({ code: 'gguf_invalid', message: expect.stringContaining('"adapter"') })
  // The default context is longer than that of the model.
  await expect(push({ 'model.gguf': WEIGHTS })).rejects.toMatchObject({ code: 'gguf_invalid' })
  const unanswered = goldenPrompt('').cases.map(({ inputs }) => ({ inputs }))
  const about = { name: 'hostile', contents: { 'model.gguf': makeTestGguf({ context: 4_096 }) } }
  await expect(pushFiles(hub, { ...about, golden: { cases: unanswered } })).rejects.toMatchObject({
    code: 'golden_invalid',
  })
})

test('an agent that starts again serves the model again, and counts as ready', async () => {
  const [first, second] = agents
  await second?.stop()
  const again = await second?.again()
  if (!first || !again) throw new Error('two agents run')
  agents = [first, again]
  const isServed = async () => {
    const answer = await chat(again.restUrl, { max_tokens: 32 }).catch(() => undefined)
    return answer?.status === 200 && textOf((await answer.json()) as ChatAnswer) === expected
  }
  await until(isServed)
  expect((await fetch(`${again.restUrl}/v2/health/ready`)).status).toBe(200)
})

test('the device reports tokens a second and the time to the first token', async () => {
  await until(async () => {
    const { items } = await hub.client.device.get({ device: 'press-1' })
    const figures = items.find(({ name }) => name === NAME)?.figures
    return figures?.tokensPerSecond !== undefined && figures.firstTokenMs !== undefined
  })
})
