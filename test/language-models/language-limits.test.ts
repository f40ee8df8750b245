/**
 * The limits of language models with real processes: kills in the middle of an answer, many loads, many callers, and many
 * answers that a schema binds.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AnswerSchema } from '@skerry/contract/language-models/answer-schema'
import { Serving } from '@skerry/contract/models/serving'
import { answerFault } from '@skerry/core/language-models/answer-check'
import { createModelHost } from '@skerry/inference/host/model-host'
import { type OipServer, startRestServer } from '@skerry/inference/rest/rest-server'
import { systemClock } from '@skerry/platform/process/clock'
import { makeTestGguf } from '@skerry/testkit/language-models/test-gguf'
import { deep } from '@skerry/testkit/tier'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLanguagePart, type LanguagePart } from '../../apps/agent/src/kinds/gguf/slot-host.ts'
import { languageDoor } from '../../apps/agent/src/language-models/language-door.ts'
import { openLanguage } from '../../apps/agent/src/language-models/language-process.ts'
import { type ChatAnswer, chat, chatAnswer, eventsOf, NAME, SCHEMA, textOf } from './stage.ts'

const { signal } = new AbortController()

/** The process needs seconds for so many, also while the test itself waits for a processor. */
const LONG_TOKENS = 4_000

let folder: string
let part: LanguagePart
let server: OipServer
let url: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-language-limits-'))
  await writeFile(join(folder, 'model'), makeTestGguf({ context: LONG_TOKENS + 256, isEndless: true }))
  part = createLanguagePart(systemClock)
  await load('first')
  part.slots.activate({ slot: 'first', name: NAME, version: '1' })
  const host = createModelHost({ clock: systemClock })
  const identity = { name: 'skerry', version: 'test' }
  server = await startRestServer({ host, identity, port: 0, beside: languageDoor(part) })
  url = `http://127.0.0.1:${server.port}`
})
afterAll(async () => {
  await server?.close(0)
  await part?.slots.close()
  await rm(folder, { recursive: true, force: true })
})

type Loading = { instances?: number; contextTokens?: number }

async function load(slot: string, { instances = 1, contextTokens = 256 }: Loading = {}): Promise<void> {
  await writeFile(join(folder, 'settings'), JSON.stringify({ contextTokens, answerTokens: 64 }))
  const file = (name: string) => ({ name, path: join(folder, name), seal: undefined })
  const files = { model: file('model'), settings: file('settings'), adapter: undefined }
  const loaded = await part.slots.load({ slot, settings: Serving.parse({ queueMax: 64, instances }) }, files, signal)
  expect(loaded).toEqual({ ok: true })
}

/** The processes of models that this process has started. */
async function modelProcesses(): Promise<number[]> {
  const listed = await readFile(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8')
  const found: number[] = []
  for (const pid of listed.trim().split(' ').map(Number)) {
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    if (line.includes('language-child')) found.push(pid)
  }
  return found
}

test('a slot that is replaced answers its last request, and its process ends', async () => {
  const before = chatAnswer(url, { max_tokens: 64 })
  await load('second')
  part.slots.activate({ slot: 'second', name: NAME, version: '2' })
  expect(textOf(await before)).not.toBe('')
  await part.slots.unload('first')
  expect(await modelProcesses()).toHaveLength(1)
  expect(textOf(await chatAnswer(url, { max_tokens: 8 }))).not.toBe('')
})

test('32 callers all get an answer, and one caller with many requests does not delay another', async () => {
  const many = Array.from({ length: 31 }, () => chatAnswer(url, { max_tokens: 8, user: 'many' }))
  await until(async () => (part.slots.pulses()[0]?.stats.requests ?? 0) > 1)
  let answered = 0
  for (const one of many) void one.then(() => (answered += 1))
  await chatAnswer(url, { max_tokens: 8, user: 'one' })
  expect(answered).toBeLessThan(31)
  expect(await Promise.all(many)).toHaveLength(31)
})

test('with four answers at a time, a short answer does not wait for a long one', async () => {
  await load('several', { instances: 4, contextTokens: LONG_TOKENS + 256 })
  part.slots.activate({ slot: 'several', name: NAME, version: '3' })
  const leaving = new AbortController()
  const long = await chat(url, { stream: true, max_tokens: LONG_TOKENS, user: 'long' }, leaving.signal)
  const events: string[] = []
  const reading = (async () => {
    for await (const event of eventsOf(long)) events.push(event)
  })()
  expect(textOf(await chatAnswer(url, { max_tokens: 2, user: 'short' }))).not.toBe('')
  const sooner = events.length
  await until(() => events.length > sooner)
  expect(events).not.toContain('[DONE]')
  leaving.abort()
  await expect(reading).rejects.toThrow('aborted')
  part.slots.activate({ slot: 'second', name: NAME, version: '2' })
  await part.slots.unload('several')
})

test('a stream whose answer breaks its schema ends with the reason', async () => {
  const schema = { type: 'object', properties: { state: { enum: ['warm'] } } }
  const format = { type: 'json_schema', json_schema: { schema } }
  const response = await chat(url, { stream: true, stop: 'r', response_format: format })
  const events: string[] = []
  for await (const event of eventsOf(response)) events.push(event)
  expect(JSON.parse(events.at(-1) ?? '')).toMatchObject({ error: { code: 'schema_broken' } })
})

test(
  'a kill in the middle of a stream ends the stream with a reason, and the model answers again',
  deep('three kills and restarts of the process'),
  async () => {
    for (let kill = 0; kill < 2; kill++) {
      const [pid = 0] = await modelProcesses()
      expect(pid).toBeGreaterThan(1)
      const response = await chat(url, { stream: true, max_tokens: 240 })
      const events: string[] = []
      for await (const event of eventsOf(response)) {
        // The first event has the role, and comes with the first of 240 tokens.
        if (events.push(event) === 1) process.kill(pid, 'SIGKILL')
      }
      expect(JSON.parse(events.at(-1) ?? '')).toMatchObject({ error: { code: 'model_failed' } })
      await until(async () => (await chat(url, { max_tokens: 4 })).status === 200)
    }
    expect(part.slots.pulses()[0]?.figures?.restarts).toBe(2)
  },
)

test(
  'a hundred loads and unloads leave no process and no memory behind',
  deep('a hundred starts of a process take minutes'),
  async ({ signal: over }) => {
    const before = process.memoryUsage.rss()
    for (let round = 0; round < 100; round++) {
      // Otherwise its loads would go on beside the next test.
      over.throwIfAborted()
      await load(`round-${round}`)
      await part.slots.unload(`round-${round}`)
    }
    expect(await modelProcesses()).toHaveLength(1)
    expect(process.memoryUsage.rss() - before).toBeLessThan(100 * 1024 ** 2)
  },
)

test(
  'a thousand answers that a schema binds are valid or rejected, eight at a time',
  deep('a thousand answers take minutes'),
  async ({ signal: over }) => {
    const format = { type: 'json_schema', json_schema: { schema: SCHEMA } }
    const schema = AnswerSchema.parse(SCHEMA)
    const before = part.slots.pulses()[0]?.slot ?? 'first'
    await load('thousand', { instances: 8 })
    part.slots.activate({ slot: 'thousand', name: NAME, version: '4' })
    let broken = 0
    const askWith = async (seed: number) => {
      const response = await chat(url, { seed, temperature: 1.5, max_tokens: 200, response_format: format })
      const answer = (await response.json()) as ChatAnswer
      if (response.status === 200) {
        expect(answer.choices[0]?.finish_reason).toBe('stop')
        expect(answerFault(schema, textOf(answer))).toBeUndefined()
        return
      }
      // Random bytes are sometimes no UTF-8, which no grammar of characters can exclude.
      expect([response.status, answer]).toMatchObject([422, { error: { code: 'schema_broken' } }])
      broken += 1
    }
    for (let seed = 0; seed < 1_000; seed += 8) {
      over.throwIfAborted()
      await Promise.all(Array.from({ length: 8 }, (_, at) => askWith(seed + at)))
    }
    const figures = part.slots.pulses().find(({ slot }) => slot === 'thousand')?.figures
    part.slots.activate({ slot: before, name: NAME, version: '1' })
    await part.slots.unload('thousand')
    expect(broken).toBeLessThan(100)
    expect(figures).toMatchObject({ answers: 1_000, invalidAnswers: broken })
  },
)

test(
  'a model of 100 MB loads, answers, and gives its memory back',
  deep('a file of 100 MB is written and read'),
  async () => {
    const modelPath = join(folder, 'large')
    const bytes = makeTestGguf({ embedding: 512, blocks: 8, heads: 8, feedForward: 1_376, context: 512 })
    expect(bytes.length).toBeGreaterThan(100e6)
    await writeFile(modelPath, bytes)
    const opened = await openLanguage(
      { modelPath, contextTokens: 256, threads: 1, answersMax: 1, template: 'file' },
      signal,
    )
    if (!opened.ok) throw new Error(opened.message)
    const wish = { maxTokens: 8, temperature: 0, topP: 1, seed: undefined, stop: [], schema: undefined, isFresh: true }
    const messages = [{ role: 'user' as const, text: 'pump' }]
    expect(await opened.process.generate({ ...wish, messages }, () => {}, signal)).toMatchObject({ answerTokens: 8 })
    await opened.process.stop()
    expect(await modelProcesses()).toHaveLength(1)
  },
)
