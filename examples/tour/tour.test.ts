import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

test('the whole tour runs, and reports each step', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'main.ts'), '--once'])
  expect(stdout).toMatch(/^All \d+ claims held/m)
  expect(stdout).not.toContain('✗')
})

test('a signal for npm reaches the tour, which then ends its hub and its agents', async () => {
  const root = join(import.meta.dirname, '../..')
  const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { scripts: { start: string } }
  const [, command] = scripts.start.split(' && ')
  // npm runs the script in a shell, and sends its signals to that shell.
  const program = `-e 'process.once("SIGTERM", () => process.exit(7)); console.log(1); setInterval(() => {}, 1000)'`
  const line = `: && ${command?.replace('examples/tour/main.ts', program)}`
  const shell = spawn('sh', ['-c', line], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(shell, 'exit')
  await once(shell.stdout, 'data')
  shell.kill('SIGTERM')
  expect(await ended).toEqual([7, null])
})
