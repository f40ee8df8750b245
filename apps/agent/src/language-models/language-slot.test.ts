import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LanguageSettings } from '@skerry/contract/language-models/language-model'
import { systemClock } from '@skerry/platform/process/clock'
import { makeTestGguf } from '@skerry/testkit/language-models/test-gguf'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { openLanguage } from './language-process.ts'
import { type LanguageSlot, openLanguageSlot } from './language-slot.ts'

const { signal } = new AbortController()
const terms = { caller: 'one', signal }
const wish = { maxTokens: 4, temperature: 0, topP: 1, seed: undefined, stop: [], schema: undefined, isFresh: true }
const messages = [{ role: 'user' as const, text: 'pump' }]

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-language-slot-'))
  await writeFile(join(folder, 'model'), makeTestGguf())
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** A slot with this limit for one answer, which ends with the test. */
async function openSlot(deadlineMs: number): Promise<LanguageSlot> {
  const modelPath = join(folder, 'model')
  const task = { modelPath, contextTokens: 256, threads: 1, answersMax: 1, template: 'file' } as const
  const settings = LanguageSettings.parse({})
  const limits = { queueMax: 4, deadlineMs, stopMs: 300 }
  const opened = await openLanguageSlot(
    { open: (stop) => openLanguage(task, stop), answersMax: 1, settings, ...limits, clock: systemClock },
    signal,
  )
  if (!opened.ok) throw new Error(opened.message)
  onTestFinished(() => opened.slot.close())
  return opened.slot
}

/** The process of the model, which has its path as an argument. */
async function modelProcess(): Promise<number> {
  for (const pid of (await readdir('/proc')).map(Number).filter(Number.isInteger)) {
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    if (line.includes(folder)) return pid
  }
  throw new Error('the model has no process')
}

test('a process that hangs is ended, its caller learns it, and the next request is answered', async () => {
  // Long enough for four tokens on a busy machine: an answer that is late would be a second restart.
  const slot = await openSlot(5_000)
  await until(async () => (await slot.generate({ ...wish, messages }, terms, () => {})).ok)
  process.kill(await modelProcess(), 'SIGSTOP')
  const lost = await slot.generate({ ...wish, messages }, terms, () => {})
  expect(lost).toMatchObject({ ok: false, code: 'deadline_passed', message: expect.stringContaining('was ended') })
  await until(async () => (await slot.generate({ ...wish, messages }, terms, () => {})).ok)
  expect(slot.figures()).toMatchObject({ restarts: 1 })
  expect(slot.problem()).toBeUndefined()
})

test('an answer that breaks its schema is rejected, counted, and says the broken place', async () => {
  const slot = await openSlot(60_000)
  // The letter ends the text of the only choice in its middle.
  const schema = { type: 'object' as const, properties: { state: { enum: ['warm'] } } }
  const bound = { ...wish, maxTokens: 64, messages, schema }
  expect(await slot.generate(bound, terms, () => {})).toMatchObject({ ok: true, finish: 'stop' })
  const broken = await slot.generate({ ...bound, stop: ['r'] }, terms, () => {})
  expect(broken).toMatchObject({
    ok: false,
    code: 'schema_broken',
    message: 'the answer breaks its schema: it is no complete JSON; leave out the stop texts',
  })
  expect(await slot.generate({ ...bound, maxTokens: 3 }, terms, () => {})).toMatchObject({ ok: true, finish: 'length' })
  expect(slot.figures()).toMatchObject({ invalidAnswers: 2 })
})
