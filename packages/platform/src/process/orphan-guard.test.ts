import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test } from 'vitest'

const GUARD = new URL('./orphan-guard.ts', import.meta.url).href

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-orphan-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** A parent, whose child hangs in a loop. */
async function startFamily({ hasGuard }: { hasGuard: boolean }) {
  const child = join(folder, `child-${hasGuard}.mjs`)
  const guard = hasGuard ? `const { guardOrphan } = await import('${GUARD}'); guardOrphan();` : ''
  await writeFile(child, `${guard} process.send('ready', () => setTimeout(() => { for (;;); }, 1_000))`)
  const parent = join(folder, 'parent.mjs')
  const start = `fork(process.argv[2]).once('message', function () { process.send(this.pid) })`
  await writeFile(parent, `import { fork } from 'node:child_process'; ${start}`)
  const family = fork(parent, [child], { execArgv: [] })
  const [pid] = (await once(family, 'message')) as [number]
  return { parent: family, child: pid }
}

/** A process that has ended and waits for its parent counts as ended. */
const isRunning = async (pid: number) => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return stat !== '' && !/\) [ZX] /.test(stat)
}

/** The ticks of the processor that the process has used. A loop uses them all. */
const ticksOf = async (pid: number) => Number((await readFile(`/proc/${pid}/stat`, 'utf8')).split(' ')[13])

test('a process that hangs ends when its parent is killed, and would not without the guard', async () => {
  const [guarded, unguarded] = [await startFamily({ hasGuard: true }), await startFamily({ hasGuard: false })]
  const hangs = async (pid: number) => (await ticksOf(pid)) > 50
  await until(async () => (await hangs(guarded.child)) && (await hangs(unguarded.child)))
  for (const { parent } of [guarded, unguarded]) {
    parent.kill('SIGKILL')
    await once(parent, 'exit')
  }
  await until(async () => !(await isRunning(guarded.child)))
  expect(await isRunning(unguarded.child)).toBe(true)
  process.kill(unguarded.child, 'SIGKILL')
})
