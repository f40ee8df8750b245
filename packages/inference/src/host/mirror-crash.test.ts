import { until } from '@skerry/testkit/until'
import { expect, test, vi } from 'vitest'
import { float32, never, newHost, serve, settings, testModel } from '../../test/fixture.ts'

/** The first worker is a real one; each after it answers its first order, and dies at the next. */
let workers = 0
vi.mock('../seat/source-url.ts', () => ({
  sourceUrl: () => new URL(workers++ === 0 ? '../seat/worker.ts' : '../../test/dying-worker.mjs', import.meta.url),
}))

test('a shadow whose worker ends takes nothing with it: every request is answered, and the slot says what happened', async () => {
  const host = newHost()
  await serve(host, 'times-2', { as: 'm' })
  await host.load({ slot: 'shadow', modelPath: testModel('times-2'), settings, signal: never() })
  expect(host.mirror({ name: 'm', slot: 'shadow', share: 1, tolerance: { absolute: 0, relative: 0 } }).ok).toBe(true)
  const shadow = () => host.stats().find(({ slot }) => slot === 'shadow')
  for (let at = 1; at <= 5; at++) {
    expect(await host.infer('m', undefined, { inputs: [float32('x', [1, 1], [1])] }, never())).toMatchObject({
      ok: true,
    })
    await until(() => (shadow()?.mirror?.mismatched ?? 0) + (shadow()?.mirror?.errors ?? 0) === at)
  }
  // What it answered first had no output.
  expect(shadow()?.mirror).toMatchObject({ mismatched: 1, errors: 4 })
  expect(shadow()?.state).toEqual({ status: 'failed', reason: 'the worker ended with code 7' })
  await host.close()
})
