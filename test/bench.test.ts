import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const MAIN = join(import.meta.dirname, '../bench/main.ts')

test.each([
  ['connectors', 'libmodbus-dev'],
  ['flow', 'mosquitto'],
])('the benchmark %s says in one line what to install, without a stack trace', async (name, program) => {
  const run = promisify(execFile)(process.execPath, [MAIN, name], { env: { PATH: '/nowhere' } })
  const { code, stderr } = await run
    .catch((error: { code: number; stderr: string }) => error)
    .then((end) => ({ code: 0, ...end }))
  expect(code).toBe(1)
  expect(stderr).toMatch(new RegExp(`^skerry: ${name} needs: sudo apt-get install .*${program}`, 'm'))
  expect(stderr).not.toMatch(/^ +at /m)
})
