import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { float32, never, newHost, serve, settings } from '../../test/fixture.ts'
import { HOSTILE_INPUTS, type HostileInput, writeHostileModel } from '../../test/hostile-inputs.ts'
import { runSandboxed } from '../seat/sandbox.ts'
import { openSession } from '../seat/session.ts'
import { toContract } from './raw-tensor.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-hostile-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** The tensors of a request are gone once it was answered, and the table is read again. */
const inputsOf = ({ inputs }: HostileInput) => inputs.map((input) => ({ ...input, data: input.data.slice() }))
const crashing = HOSTILE_INPUTS.filter(({ ends }) => ends === 'crash')
const harmless = HOSTILE_INPUTS.filter(({ ends }) => ends !== 'crash')
const modelOf = (hostile: HostileInput) => writeHostileModel(folder, HOSTILE_INPUTS.indexOf(hostile), hostile)

// In this process itself: a version of the runtime that crashes by one of them ends this file, which nobody overlooks.
test.each(harmless)('$operator of $name ends with an $ends', async (hostile) => {
  const session = await openSession({ modelPath: await modelOf(hostile) }, settings)
  const run = session.run(inputsOf(hostile), ['y'])
  if (hostile.ends === 'answer') expect((await run).outputs).toHaveLength(1)
  else await expect(run).rejects.toThrow(hostile.operator)
  await session.close()
})

test('a crash of native code in a process of its own is said, and ends nothing but its slot', async () => {
  const host = newHost()
  await serve(host, 'times-2')
  const isolated = { ...settings, isolation: 'process' as const }
  const slots = await Promise.all(
    crashing.map(async (hostile, at) => {
      const name = `crashing-${at}`
      const slot = `slot-${at}`
      const loaded = await host.load({ slot, modelPath: await modelOf(hostile), settings: isolated, signal: never() })
      expect(loaded).toMatchObject({ ok: true })
      host.activate({ name, version: '1', slot })
      return { name, slot, hostile }
    }),
  )
  expect(slots.length).toBeGreaterThan(0)
  for (const { name, slot, hostile } of slots) {
    const result = await host.infer(name, undefined, { inputs: inputsOf(hostile) }, never())
    const message = "the model's worker ended: the model's process crashed (SIGFPE)"
    expect(result, hostile.name).toEqual({ ok: false, code: 'model_failed', message })
    await until(() => host.stats().find((one) => one.slot === slot)?.state.status === 'failed')
    host.deactivate(name)
    expect(await host.unload(slot)).toEqual({ ok: true })
  }
  const request = { inputs: [float32('x', [1, 1], [1])] }
  expect(await host.infer('times-2', undefined, request, never())).toMatchObject({ ok: true })
  await host.close()
})

test('the golden run of the hub survives it, and says that the model crashed', async () => {
  const [hostile] = crashing
  if (!hostile) throw new Error('nothing crashes any more')
  const cases = [{ inputs: Object.fromEntries(inputsOf(hostile).map((one) => [one.name, toContract(one)])) }]
  const limits = { loadMs: 60_000, casesMs: 60_000, memoryBytes: 2 ** 31 }
  expect(await runSandboxed({ modelPath: await modelOf(hostile), cases, limits, signal: never() })).toEqual({
    ok: false,
    code: 'model_crashed',
    message: 'the runtime ended with SIGFPE on the model',
  })
})

test('the document of crashes has the table', async () => {
  const text = await readFile(new URL('../../../../docs/crashes.md', import.meta.url), 'utf8')
  for (const { operator, name, ends } of HOSTILE_INPUTS) expect(text).toContain(`| ${operator} | ${name} | ${ends} |`)
})
