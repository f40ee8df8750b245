/** Follows the README's tour word for word, as somebody who has never seen the project. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { freePort } from '@skerry/testkit/free-port'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { consoleSteps, withoutVarying } from './web/stage/console-step.ts'

const ROOT = join(import.meta.dirname, '..')
const steps = consoleSteps(await readFile(join(ROOT, 'README.md'), 'utf8'))

let home = ''
let folder = ''
let hub: ChildProcess | undefined
let agent: ChildProcess | undefined
/** What stands in the README, and what it is in this run. */
const instead = new Map<RegExp, string>()

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'skerry-readme-'))
  folder = home
  await cp(join(ROOT, 'examples'), join(home, 'examples'), { recursive: true })
  instead.set(/\b8443\b/g, String(await freePort())).set(/\b8500\b/g, String(await freePort()))
})

afterAll(async () => {
  await Promise.all([end(agent), end(hub)])
  await rm(home, { recursive: true })
})

test.each(steps)('$command', async ({ command, expected, told }) => {
  if (told.includes('End the hub')) await end(hub)
  if (told.includes('What bad input gets')) hub = (await startUntil('skerry hub', 'hub_ready')).child
  if (isAboutDevice(command)) {
    const said = async () => withoutVarying(await follow(command))
    await expect.poll(said, { interval: 500 }).toBe(withoutVarying(expected))
    return
  }
  const output = await follow(command)
  if (isServer(command)) {
    for (const line of expected.trim().split('\n')) expect(withoutVarying(output)).toContain(withoutVarying(line))
  } else {
    expect(withoutVarying(output)).toBe(withoutVarying(expected))
  }
})

const isServer = (command: string) => /^skerry (hub|agent)/.test(command)

/** What a device last reported: a moment after a rollout has ended it may still say how it was before it went back. */
const isAboutDevice = (command: string) => command.startsWith('skerry deployment explain')

async function follow(command: string): Promise<string> {
  const [, target] = /^cd (.*)/.exec(command) ?? []
  if (target !== undefined) {
    folder = join(folder, target)
    return ''
  }
  if (command === 'skerry hub') {
    const { child, output } = await startUntil(command, 'within a day:')
    hub = child
    learn(/\bsk_[\w-]+/g, output)
    learn(/\b[0-9a-f]{64}\b/g, output)
    return output
  }
  if (command.startsWith('skerry agent')) {
    const { child, output } = await startUntil(`${command} --grpc 127.0.0.1:0`, 'link_up')
    agent = child
    return output
  }
  const output = await outputOf(start(command))
  if (command.startsWith('skerry device token create')) learn(/\bskj_[\w-]+/g, output)
  return output
}

function learn(pattern: RegExp, output: string): void {
  const [found] = output.match(pattern) ?? []
  if (found !== undefined) instead.set(pattern, found)
}

function start(command: string): ChildProcess {
  // The defaults of a server are its ports; elsewhere an address names them.
  const listen = command.startsWith('skerry hub') ? ' --listen 127.0.0.1:8443' : ''
  const text = [...instead].reduce((rest, [pattern, value]) => rest.replace(pattern, value), ownPorts(command) + listen)
  const path = [join(ROOT, 'node_modules/.bin'), process.env.PATH].join(delimiter)
  const env = { ...process.env, PATH: path, SKERRY_HOME: join(home, '.skerry'), NO_COLOR: '1' }
  return spawn('bash', ['-c', `exec 2>&1; ${text}`], {
    cwd: folder,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
}

const ownPorts = (command: string) =>
  command.startsWith('skerry agent') ? command.replace('skerry agent', 'skerry agent --listen 127.0.0.1:8500') : command

async function outputOf(child: ChildProcess): Promise<string> {
  let output = ''
  for await (const chunk of child.stdout ?? []) output += chunk
  return output
}

/** Starts a server, and gives what it has said up to the words. */
function startUntil(command: string, words: string): Promise<{ child: ChildProcess; output: string }> {
  const child = start(command)
  let output = ''
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', (chunk) => {
      output += chunk
      if (output.includes(words) && output.endsWith('\n')) resolve({ child, output })
    })
    child.once('exit', () => reject(new Error(`${command} ended and said: ${output}`)))
  })
}

/** As Ctrl-C does: the shell and the program in it. */
async function end(child: ChildProcess | undefined): Promise<void> {
  if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  process.kill(-child.pid, 'SIGINT')
  await exited
}
