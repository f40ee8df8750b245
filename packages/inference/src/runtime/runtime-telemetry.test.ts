import { fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { testModel } from '../../test/fixture.ts'
import { TELEMETRY_OFF, telemetryProblem } from './runtime-telemetry.ts'

const here = (name: string) => join(import.meta.dirname, name)

/** The environment of a program with an empty home, which starts without the variable. */
function newHome(): { home: string; env: NodeJS.ProcessEnv } {
  const folder = mkdtempSync(join(tmpdir(), 'skerry-telemetry-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const home = join(folder, 'home')
  const temporary = join(folder, 'temporary')
  for (const each of [home, temporary]) mkdirSync(each)
  return { home, env: { PATH: process.env.PATH, HOME: home, TMPDIR: temporary } }
}

function run(source: string, env: NodeJS.ProcessEnv) {
  const program = join(env.TMPDIR ?? '', 'program.ts')
  writeFileSync(program, source)
  return spawnSync(process.execPath, [program], { env, encoding: 'utf8' })
}

test.each([
  [
    'itself',
    `import { InferenceSession } from ${JSON.stringify(here('onnx-runtime.ts'))}
     await (await InferenceSession.create(${JSON.stringify(testModel('times-2'))})).release()`,
  ],
  [
    'in the thread of a model',
    `import { createModelHost } from ${JSON.stringify(here('model-host.ts'))}
     import { settings, testModel } from ${JSON.stringify(here('../../test/fixture.ts'))}
     const host = createModelHost({ clock: { nowMs: () => 0 } })
     const { signal } = new AbortController()
     const loaded = await host.load({ slot: 's', modelPath: testModel('times-2'), settings, signal })
     if (!loaded.ok) throw new Error(loaded.message)
     await host.close()`,
  ],
])('a program that loads the runtime %s leaves nothing in its home', (_, source) => {
  const { home, env } = newHome()
  expect(run(source, env)).toMatchObject({ status: 0 })
  expect(readdirSync(home)).toEqual([])
})

test('a thread does not load the runtime when only its own copy of the environment could turn telemetry off', () => {
  const source = `import { Worker } from 'node:worker_threads'
    import { once } from 'node:events'
    const [error] = await once(new Worker(${JSON.stringify(here('onnx-runtime.ts'))}), 'error').catch((cause) => [cause])
    console.log(error.message)`
  const { home, env } = newHome()
  expect(run(source, env).stdout).toContain(telemetryProblem({}))
  expect(readdirSync(home)).toEqual([])
})

test.each<[string, NodeJS.ProcessEnv, object]>([
  [
    'refuses to start without the variable',
    {},
    { kind: 'result', result: { ok: false, code: 'model_load_failed', message: telemetryProblem({}) } },
  ],
  ['starts with it', TELEMETRY_OFF, { kind: 'loaded' }],
])('the sandbox %s', async (_, variable, report) => {
  const child = fork(here('sandbox-child.ts'), { serialization: 'advanced', env: { ...newHome().env, ...variable } })
  onTestFinished(() => void child.kill('SIGKILL'))
  child.send({ modelPath: testModel('times-2'), cases: [] })
  const [first] = await once(child, 'message')
  expect(first).toMatchObject(report)
})
