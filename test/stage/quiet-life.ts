/**
 * Quiet life: a hub, a device with its runner, the command line and the console do once all that involves a model, each
 * program under a trace. The test starts this file in a network namespace that has loopback and no route.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { freePort } from '@skerry/testkit/free-port'
import { until } from '@skerry/testkit/until'
import { type Program, startProgram } from '../../examples/stage/program.ts'
import { buildConsole, buildGuide, hasBrowser, newVisitor, openBrowser, signIn } from '../web/stage/browser.ts'
import { traced } from './quiet-trace.ts'

const EXAMPLES = join(import.meta.dirname, '../../examples')
const CLI = join(import.meta.dirname, '../../apps/cli/src/main.ts')
const MODEL = join(EXAMPLES, 'sensor-anomaly/model-v1.onnx')
const PUMP = join(EXAMPLES, 'flows/pump-anomaly')
const PAGES = ['/models', '/devices', '/deployments', '/audit']

/** A short probation: this life ends soon. */
const DEPLOYMENT = `apiVersion: skerry/v1
kind: Deployment
metadata: { name: anomaly }
spec: { deployable: anomaly, version: '1', probation: { seconds: 1 } }
`

const [folder = ''] = process.argv.slice(2)
const at = (name: string) => join(folder, name)
const environment = {
  PATH: process.env.PATH,
  LANG: 'C.UTF-8',
  HOME: at('home'),
  TMPDIR: at('temporary'),
  SKERRY_HOME: at('profile'),
  // Each program keeps its compiled code in its own folder, as on a device.
  NODE_COMPILE_CACHE: undefined,
}

async function live(): Promise<void> {
  await Promise.all(['home', 'temporary', 'profile', 'keys', 'logs'].map((name) => mkdir(at(name))))
  const url = `https://127.0.0.1:${await freePort()}`
  const words = ['--data', at('hub'), '--owner-key-file', at('keys/owner.key'), '--listen', new URL(url).host]
  await using hub = start('hub', 'apps/hub/src/main.ts', words)
  const { caFingerprint } = await hub.waitFor('hub_ready')
  await cli('login', url, '--key-file', at('keys/owner.key'), '--ca-fingerprint', String(caFingerprint))
  await using _ = await startDevice()
  await serveModel()
  await cli('flow', 'replay', join(PUMP, 'flow.yaml'), join(PUMP, 'recording.jsonl'), '--model', `anomaly=${MODEL}`)
  const problems = hasBrowser ? await visitConsole(url) : []
  await writeFile(at('problems.json'), JSON.stringify(problems))
}

const start = (name: string, entry: string, args: readonly string[]): Program =>
  startProgram({ name, entry, args, logFolder: at('logs'), env: environment, under: traced(at(`${name}.trace`)) })

let commands = 0

async function cli(...words: string[]): Promise<string> {
  const [program = '', ...args] = [...traced(at(`cli-${++commands}.trace`)), process.execPath, CLI, ...words]
  // As bin/skerry.mjs does, which keeps the compiled code in the folder of temporary files.
  const env = { ...environment, NODE_COMPILE_CACHE: at('temporary/node-compile-cache') }
  const child = spawn(program, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  if (code !== 0) throw new Error(`skerry ${words.join(' ')} failed with ${code}: ${err}${out}`)
  return out
}

async function startDevice(): Promise<Program> {
  await cli('site', 'create', 'plant', '--kind', 'edge')
  const token = (await cli('device', 'token', 'create', '--site', 'plant')).trim()
  const doors = ['--listen', '127.0.0.1:0', '--grpc', '127.0.0.1:0']
  const agent = start('agent', 'apps/agent/src/main.ts', [
    '--data',
    at('agent'),
    '--name',
    'gateway',
    ...doors,
    '--join',
    token,
  ])
  await agent.waitFor('link_up')
  return agent
}

/** Golden outputs come of the hub's sandbox, and are compared on the device before the model serves there. */
async function serveModel(): Promise<void> {
  await cli('model', 'push', MODEL, '--name', 'anomaly', '--golden', join(EXAMPLES, 'sensor-anomaly/golden.json'))
  await writeFile(at('deployment.yaml'), DEPLOYMENT)
  await cli('apply', '-f', at('deployment.yaml'))
  await cli('rollout', 'watch', 'anomaly')
  const window = JSON.stringify(Array.from({ length: 8 }, () => [44, 30]))
  const infer = () => cli('infer', 'anomaly', '--device', 'gateway', '--input', `window=${window}`)
  await until(() => infer().catch(() => undefined), { what: 'an answer of the model', everyMs: 500 })
}

async function visitConsole(url: string): Promise<string[]> {
  await Promise.all([buildConsole(), buildGuide()])
  await using browser = await openBrowser()
  await using visitor = await newVisitor(browser, { url })
  await signIn(visitor, (await readFile(at('keys/owner.key'), 'utf8')).trim())
  for (const page of PAGES) {
    await visitor.page.goto(page)
    await visitor.page.getByRole('heading', { level: 1 }).waitFor()
  }
  await visitor.page.goto('/guide/')
  await visitor.page.getByRole('button', { name: 'Search' }).click()
  await visitor.page.getByRole('searchbox').fill('golden case')
  await visitor.page.getByRole('option').first().waitFor()
  return visitor.problems
}

await live()
