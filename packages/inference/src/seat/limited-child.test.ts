import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { untilTimeSpent } from './limited-child.ts'

const SPIN = 'process.stdout.write("spins"); for (;;);'

/** A process that spins on the first processor, with this niceness. */
async function spinner(niceness: number) {
  const child = spawn('taskset', ['-c', '0', 'nice', '-n', String(niceness), process.execPath, '-e', SPIN], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  await once(child.stdout, 'data')
  return Object.assign(child, { [Symbol.dispose]: () => void child.kill('SIGKILL') })
}

test('the time in which a child found no processor does not count', async () => {
  using child = await spinner(19)
  using _rival = await spinner(0)
  const startMs = performance.now()
  await untilTimeSpent(500, child, AbortSignal.timeout(60_000))
  // The rival gets 98 % of the processor, and the patience ends at ten times the limit.
  expect((performance.now() - startMs) / 500).toBeGreaterThan(2)
})

test('a child that waits for something else has had its time', async () => {
  using child = Object.assign(spawn('sleep', ['60']), { [Symbol.dispose]: () => void child.kill('SIGKILL') })
  await untilTimeSpent(50, child, AbortSignal.timeout(60_000))
  expect(child.exitCode).toBeNull()
})
