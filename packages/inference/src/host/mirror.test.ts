import type { Serving } from '@skerry/contract/models/serving'
import { until } from '@skerry/testkit/until'
import { afterEach, expect, test } from 'vitest'
import { float32, floats, never, newHost, serve, settings, spin, stoke, testModel } from '../../test/fixture.ts'
import type { ModelHost } from './model-host.ts'

const tolerance = { absolute: 1e-4, relative: 1e-3 }

const hosts: ModelHost[] = []
afterEach(async () => {
  await Promise.all(hosts.splice(0).map((it) => it.close()))
})

/** A host in which one model serves as `m` and another gets copies of its requests. */
async function shadowed(serving: string, shadow: string, options: Partial<Serving> & { share?: number } = {}) {
  const { share = 1, ...changed } = options
  const host = newHost()
  hosts.push(host)
  await serve(host, serving, { as: 'm' })
  const modelPath = testModel(shadow)
  await host.load({ slot: 'shadow', modelPath, settings: { ...settings, ...changed }, signal: never() })
  const mirrored = host.mirror({ name: 'm', slot: 'shadow', share, tolerance })
  return { host, mirrored, seen: () => statisticsOf(host) }
}

const statisticsOf = (host: ModelHost) => {
  const mirror = host.stats().find(({ slot }) => slot === 'shadow')?.mirror
  if (!mirror) return undefined
  const { matched, mismatched, errors, dropped, maxDifference } = mirror
  return { matched, mismatched, errors, dropped, maxDifference }
}

const ask = async (host: ModelHost, values: number[]) => {
  const result = await host.infer('m', undefined, { inputs: [float32('x', [1, values.length], values)] }, never())
  return result.ok ? result.outputs.flatMap(floats) : result.code
}

test('of the same model every answer matches, and the share of the requests is copied', async () => {
  const { host, mirrored, seen } = await shadowed('times-2', 'times-2', { share: 0.25 })
  expect(mirrored).toEqual({ ok: true })
  for (let at = 0; at < 40; at++) expect(await ask(host, [at, 1])).toEqual([2 * at, 2])
  await until(() => seen()?.matched === 10)
  expect(seen()).toEqual({ matched: 10, mismatched: 0, errors: 0, dropped: 0, maxDifference: 0 })
  const slots = host.stats().map(({ slot, statistics }) => [slot, statistics.success.count])
  expect(slots).toEqual([
    ['times-2@1', 40],
    ['shadow', 0],
  ])
})

test('another answer is counted with its difference, and whoever asked gets that of the version that serves', async () => {
  const { host, seen } = await shadowed('times-2', 'times-3')
  for (let at = 0; at < 30; at++) expect(await ask(host, [at % 3, 0])).toEqual([2 * (at % 3), 0])
  await until(() => (seen()?.matched ?? 0) + (seen()?.mismatched ?? 0) === 30)
  // Nought times three is nought times two: every third request is answered alike.
  expect(seen()).toEqual({ matched: 10, mismatched: 20, errors: 0, dropped: 0, maxDifference: 2 })
})

test('a large input is whole in both versions, and a large output is compared to its end', async () => {
  const { host, seen } = await shadowed('times-2', 'times-3')
  const values = Array.from({ length: 100_000 }, (_, at) => (at === 99_999 ? 1 : 0))
  const answer = (await ask(host, values)) as number[]
  expect(answer[99_999]).toBe(2)
  await until(() => seen()?.mismatched === 1)
  expect(seen()?.maxDifference).toBe(1)
})

test('requests past what may wait are answered, and their copies dropped and counted', async () => {
  const { host, seen } = await shadowed('times-2', 'times-2')
  const answers = await Promise.all(Array.from({ length: 200 }, () => ask(host, [1])))
  expect(answers.every((answer) => String(answer) === '2')).toBe(true)
  await until(() => seen()?.matched === 32)
  expect(seen()?.dropped).toBe(168)
})

test('a version that does not answer in time is an error of its own, which nobody waits for', async () => {
  const { host, seen } = await shadowed('spin', 'spin', { deadlineMs: 1 })
  expect(await host.infer('m', undefined, spin(50_000), never())).toMatchObject({ ok: true })
  await until(() => seen()?.errors === 1)
  expect(seen()).toMatchObject({ matched: 0, mismatched: 0 })
})

test('what the serving version cannot answer is not compared, and its copy gives its place back', async () => {
  const { host, seen } = await shadowed('spin', 'spin')
  const stop = stoke(host)
  for (let at = 0; at < 3; at++) await host.infer('m', undefined, { ...spin(100), timeoutUs: 1 }, never())
  await stop()
  const before = seen()
  expect(await host.infer('m', undefined, spin(1), never())).toMatchObject({ ok: true })
  await until(() => (seen()?.matched ?? 0) === (before?.matched ?? 0) + 1)
  expect(seen()).toMatchObject({ mismatched: 0, errors: 0, dropped: 0 })
})

test.each([
  ['identity-fp64', 'its input'],
  ['spin', "it needs input 'steps'"],
])('%s cannot shadow a model with other inputs', async (shadow, words) => {
  const { host, mirrored, seen } = await shadowed('times-2', shadow)
  expect(mirrored).toMatchObject({
    ok: false,
    code: 'shadow_signature_differs',
    message: expect.stringContaining(words),
  })
  expect(await ask(host, [1])).toEqual([2])
  expect(seen()).toBeUndefined()
})

test('nothing can shadow nothing, itself, or from a slot that is not there', async () => {
  const host = newHost()
  hosts.push(host)
  const slot = await serve(host, 'times-2', { as: 'm' })
  const order = { name: 'm', slot, share: 1, tolerance }
  expect(host.mirror(order)).toMatchObject({ ok: false, code: 'slot_in_use' })
  expect(host.mirror({ ...order, slot: 'gone' })).toMatchObject({ ok: false, code: 'slot_unknown' })
  expect(host.mirror({ ...order, name: 'other' })).toMatchObject({ ok: false, code: 'model_unknown' })
})

test('a version that is activated, or unloaded, is a shadow no longer', async () => {
  const { host, seen } = await shadowed('times-2', 'times-3')
  host.activate({ name: 'm', version: '2', slot: 'shadow' })
  expect(await ask(host, [1])).toEqual([3])
  expect(seen()).toBeUndefined()
  expect(host.mirror({ name: 'm', slot: 'times-2@1', share: 1, tolerance })).toEqual({ ok: true })
  expect(await host.unload('times-2@1')).toEqual({ ok: true })
  expect(await ask(host, [1])).toEqual([3])
})

test('a shadow that cannot keep up leaves requests out, and answers come as they did without it', async () => {
  const host = newHost()
  hosts.push(host)
  await serve(host, 'spin', { as: 'm', instances: 2 })
  await host.load({ slot: 'shadow', modelPath: testModel('spin'), settings, signal: never() })
  const runMany = async () => {
    const tookMs: number[] = []
    const client = async () => {
      for (let at = 0; at < 100; at++) {
        const begun = performance.now()
        expect(await host.infer('m', undefined, spin(2_000), never())).toMatchObject({ ok: true })
        tookMs.push(performance.now() - begun)
      }
    }
    await Promise.all([client(), client(), client()])
    return tookMs.toSorted((a, b) => a - b)[Math.floor(tookMs.length * 0.99)] ?? 0
  }
  await runMany()
  const alone = await runMany()
  expect(host.mirror({ name: 'm', slot: 'shadow', share: 1, tolerance })).toEqual({ ok: true })
  const beside = await runMany()
  await until(() => (statisticsOf(host)?.matched ?? 0) + (statisticsOf(host)?.dropped ?? 0) === 300)
  expect(statisticsOf(host)).toMatchObject({ mismatched: 0, errors: 0 })
  const { matched, dropped } = statisticsOf(host) ?? {}
  const p99 = `p99 ${alone.toFixed(1)} ms alone, ${beside.toFixed(1)} ms beside a shadow`
  process.stderr.write(`${p99} that answered ${matched} of 300 and left out ${dropped}\n`)
})
