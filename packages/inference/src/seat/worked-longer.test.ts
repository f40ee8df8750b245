import { type ChildProcess, spawn } from 'node:child_process'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { afterEach, expect, test } from 'vitest'
import { untilWorkedLonger } from './limited-child.ts'

const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

function start(code: string): ChildProcess {
  const child = spawn(process.execPath, ['-e', code], { stdio: 'ignore' })
  children.push(child)
  return child
}

/** How long a child may go on whose limit is a second, on the clock. */
async function waitedMs(child: ChildProcess): Promise<number> {
  const startedMs = performance.now()
  await untilWorkedLonger(1_000, child, new AbortController().signal)
  return performance.now() - startedMs
}

test('a child that waits for a processor gets three times the limit on the clock', async () => {
  expect(await waitedMs(start('setInterval(() => {}, 1_000)'))).toBeGreaterThanOrEqual(2_990)
})

test('a child that has worked for the limit gets no more time', async () => {
  const busy = start('for (;;) {}')
  await expect.poll(() => waitedMs(busy), { timeout: PATIENCE_MS }).toBeLessThan(2_000)
})
