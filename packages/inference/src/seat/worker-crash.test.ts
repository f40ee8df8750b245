import { until } from '@skerry/testkit/until'
import { expect, test, vi } from 'vitest'
import { float32, never, newHost, serve } from '../../test/fixture.ts'

/** A worker that reports ready, answers its first order, and dies at the next. */
vi.mock('./source-url.ts', () => ({ sourceUrl: () => new URL('../../test/dying-worker.mjs', import.meta.url) }))

test('a worker that ends by itself fails its slot: whoever waits hears of it, and nobody else gets in', async () => {
  const host = newHost()
  await serve(host, 'times-2', { instances: 2 })
  const ask = () => host.infer('times-2', undefined, { inputs: [float32('x', [1, 1], [1])] }, never())
  expect(await ask()).toMatchObject({ ok: true })
  const results = await Promise.all(Array.from({ length: 9 }, ask))
  const failures = results.filter(({ ok }) => !ok)
  expect(failures.length).toBeGreaterThan(0)
  for (const failure of failures) {
    expect(failure).toMatchObject({
      code: 'model_failed',
      message: "the model's worker ended: the worker ended with code 7",
    })
  }
  await until(() => host.served()[0]?.state.status === 'failed')
  expect(await ask()).toMatchObject({ ok: false, code: 'model_unready' })
  host.deactivate('times-2')
  expect(await host.unload('times-2@1')).toEqual({ ok: true })
})
