/** Quiet: the whole product contacts only configured hosts, and writes nothing outside of its own folders. */
import { spawnSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { strayCalls, traced } from './stage/quiet-trace.ts'

const canRun = (program: string, ...args: string[]) => spawnSync(program, args, { stdio: 'ignore' }).status === 0

/** With a user namespace if the tests do not run as root. */
const UNSHARE = ['--net', ...(process.getuid?.() === 0 ? [] : ['--map-root-user'])]
const ALONE = [...UNSHARE, 'sh', '-c', 'PATH=$PATH:/usr/sbin ip link set lo up && exec "$@"', 'sh']
const hasTools = canRun('strace', '--version') && canRun('unshare', ...ALONE, 'true')

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-quiet-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** The folders to which each program may write, by the name of its trace. */
const FOLDERS: [trace: RegExp, folders: string[]][] = [
  [/^hub\./, ['hub', 'keys', 'temporary']],
  [/^agent\./, ['agent', 'temporary']],
  [/^cli-\d+\./, ['profile', 'temporary']],
]

test.skipIf(!hasTools)('hub, agent, runner, command line and console contact nobody but each other', async () => {
  const folder = await newFolder()
  const life = [...ALONE, process.execPath, join(import.meta.dirname, 'stage/quiet-life.ts'), folder]
  const { PATH } = process.env
  const { status, stderr } = spawnSync('unshare', life, { encoding: 'utf8', env: { PATH, TMPDIR: tmpdir() } })
  expect(status, stderr).toBe(0)
  expect(JSON.parse(await readFile(join(folder, 'problems.json'), 'utf8')), 'requests of the console').toEqual([])
  expect(await readdir(join(folder, 'home')), 'files in the home of the user').toEqual([])
  const traces = (await readdir(folder)).filter((name) => name.endsWith('.trace'))
  expect(traces.length).toBeGreaterThan(5)
  for (const name of traces) {
    const own = FOLDERS.flatMap(([trace, folders]) => (trace.test(name) ? folders : []))
    const trace = await readFile(join(folder, name), 'utf8')
    expect(trace, `${name} holds system calls`).toMatch(/openat\(/)
    expect(
      strayCalls(
        trace,
        own.map((each) => join(folder, each)),
      ),
      name,
    ).toEqual([])
  }
})

test.skipIf(!hasTools)('the trace finds name lookups, foreign connections, and files elsewhere', async () => {
  const folder = await newFolder()
  const program = join(folder, 'stray.mjs')
  const lines = [
    "import dns from 'node:dns/promises'",
    "import net from 'node:net'",
    "import { mkdirSync, writeFileSync } from 'node:fs'",
    "await dns.lookup('stray.invalid').catch(() => {})",
    "await new dns.Resolver().resolve4('stray.invalid').catch(() => {})",
    "for (const host of ['192.0.2.1', '2001:db8::1', '127.0.0.1'])",
    "  await new Promise((done) => net.connect(9, host).on('error', done))",
    `process.chdir(${JSON.stringify(folder)})`,
    "mkdirSync('elsewhere')",
    `mkdirSync(${JSON.stringify(join(folder, 'own'))})`,
    "writeFileSync('own/file', '')",
    "writeFileSync('stray-file', '')",
  ]
  await writeFile(program, lines.join('\n'))
  const trace = join(folder, 'trace')
  const run = [...ALONE, ...traced(trace), process.execPath, program]
  expect(spawnSync('unshare', run, { encoding: 'utf8' })).toMatchObject({ status: 0 })
  const stray = strayCalls(await readFile(trace, 'utf8'), [join(folder, 'own')]).join('\n')
  expect(stray).toMatch(/htons\(53\)/)
  for (const found of ['192.0.2.1', '2001:db8::1', 'elsewhere', 'stray-file']) expect(stray).toContain(found)
  expect(stray).not.toMatch(/"127\.0\.0\.1"|own\/file|\/own"/)
})
