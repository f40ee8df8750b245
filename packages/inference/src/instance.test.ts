import { expect, test } from 'vitest'
import { never, settings, spin, testModel } from '../test/fixture.ts'
import { startInstance } from './instance.ts'

test('a run that outlasts the patience of a stop is answered, and takes nobody else down when it ends', async () => {
  const started = await startInstance({ modelPath: testModel('spin'), settings }, never())
  if (!started.ok) throw new Error(started.message)
  const { instance } = started
  const order = { kind: 'run' as const, requests: [spin(300_000).inputs], rows: [1], outputs: ['y'] }
  const running = instance.run(order)
  expect(await instance.stop(0)).toBe(false)
  expect(await running).toMatchObject({ outcomes: [{ ok: true }] })
})
