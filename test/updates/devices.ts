/** Devices of the tests of updates: folders as `install.sh` lays them out, and launchers that run from them. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { dirname, join } from 'node:path'
import { AGENT_PATH } from '@skerry/contract/kinds/agent'
import { buildModel } from '@skerry/onnx/build'
import { writeModel } from '@skerry/onnx/write'
import { hexOf } from '@skerry/platform/files/hash'
import { readTar } from '@skerry/platform/files/tar-read'
import { freePort } from '@skerry/testkit/free-port'
import type { HubProgram } from '../../examples/stage/fleet.ts'
import { floatTensor, pushModel } from '../../examples/stage/push.ts'

const ROOT = join(import.meta.dirname, '../..')

export type LaunchedDevice = {
  device: string
  root: string
  restUrl: string
  /** Ends the launcher and its agent. */
  stop(): Promise<void>
  /** Ends the launcher as a power cut would. Its agent dies too. */
  kill(): Promise<void>
}

/**
 * The packages that the agent needs, found by Node in a folder above: so a test package holds our own code alone. A
 * version in `folder` finds them.
 */
export async function lendModules(folder: string): Promise<void> {
  await mkdir(join(folder, 'node_modules'), { recursive: true })
  const names = (await readdir(join(ROOT, 'node_modules'))).filter((name) => name !== '@skerry')
  await Promise.all(names.map((name) => symlink(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name))))
}

/** Unpacks a pushed version into the folder of a launcher, as an installation does. */
export async function installVersion(
  hub: HubProgram,
  { root, version, file }: { root: string; version: number; file: string },
): Promise<string> {
  const { digest } = await hub.client.model.getVersion({ name: 'skerry-agent', version: String(version) })
  const home = join(root, 'versions', hexOf(digest))
  await readTar(createReadStream(file), async ({ path }, bytes) => {
    if (path === AGENT_PATH) await put(join(home, path), bytes)
    else {
      await readTar(bytes, async (inner, content) => put(join(home, inner.path), content))
      // The two blocks of zeros behind the last entry.
      for await (const _ of bytes);
    }
  })
  await symlink(join('versions', hexOf(digest)), join(root, 'current'))
  return hexOf(digest)
}

async function put(path: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  const pieces: Buffer[] = []
  for await (const piece of bytes) pieces.push(Buffer.from(piece))
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, Buffer.concat(pieces))
}

type LaunchWish = {
  device: string
  root: string
  data: string
  logFolder: string
  token?: string
  /** A busy machine starts an agent in a minute, so that only tests of bad versions wait a shorter time. */
  contactSeconds?: number
  /** Further options of the agent. */
  options?: readonly string[]
  /** Variables of the launcher and its agents, besides those of the test. */
  env?: NodeJS.ProcessEnv | undefined
}

/** Starts the launcher of the installed version. The device joins with the token, if there is one. */
export async function launch({ contactSeconds = 90, ...wish }: LaunchWish): Promise<LaunchedDevice> {
  const { device, root, data, logFolder, token, env, options = [] } = wish
  const rest = await freePort()
  const current = join(root, 'current')
  const { launcher } = JSON.parse(await readFile(join(current, AGENT_PATH), 'utf8'))
  const args = ['--data', data, '--name', device, '--listen', `127.0.0.1:${rest}`, '--grpc', '127.0.0.1:0']
  const joining = token === undefined ? [] : ['--join', token]
  const words = [join(current, launcher), root, ...args, ...options, ...joining]
  return {
    device,
    root,
    restUrl: `http://127.0.0.1:${rest}`,
    ...start(process.execPath, words, join(logFolder, `${device}.log`), { contactSeconds, env }),
  }
}

/** Deploys a model to all devices, which start to serve it. */
export async function deployModel(hub: HubProgram): Promise<void> {
  const x = (name: string) => ({ name, datatype: 'FP32' as const, shape: [-1] })
  const relu = { operator: 'Relu', inputs: ['x'], outputs: ['y'] }
  const bytes = new Uint8Array(writeModel(buildModel({ inputs: [x('x')], outputs: [x('y')], nodes: [relu] })))
  await pushModel(hub, { name: 'relu', bytes, golden: { cases: [{ inputs: { x: floatTensor([2], [-1, 2]) } }] } })
  await hub.client.deployment.apply({ name: 'relu', deployable: 'relu', version: '1', probation: { seconds: 0 } })
}

const REQUEST = JSON.stringify({ inputs: [{ name: 'x', datatype: 'FP32', shape: [1], data: [1] }] })

/** Sends one request over a new connection. The answer is its status, or the error of the connection. */
export function requestModel({ restUrl }: Pick<LaunchedDevice, 'restUrl'>): Promise<number | string | undefined> {
  const headers = { 'content-type': 'application/json' }
  return new Promise((resolve) => {
    request(`${restUrl}/v2/models/relu/infer`, { method: 'POST', agent: false, headers }, (answer) =>
      answer.resume().on('end', () => resolve(answer.statusCode)),
    )
      .on('error', (error: NodeJS.ErrnoException) => resolve(error.code))
      .end(REQUEST)
  })
}

/** Starts the agent as `install.sh` prints it. */
export const startInstalled = (dir: string, logFolder: string) =>
  start(join(dir, 'start'), ['--listen', '127.0.0.1:0', '--grpc', '127.0.0.1:0'], join(logFolder, 'installed.log'))

function start(
  program: string,
  words: readonly string[],
  logPath: string,
  { contactSeconds = 90, env = {} }: Pick<LaunchWish, 'contactSeconds' | 'env'> = {},
): Pick<LaunchedDevice, 'stop' | 'kill'> {
  const child = spawn(program, words, {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
    env: { ...process.env, ...env, SKERRY_CONTACT_SECONDS: String(contactSeconds) },
  })
  child.stderr.pipe(createWriteStream(logPath, { flags: 'a' }))
  const exited = once(child, 'exit')
  return {
    async stop() {
      if (child.exitCode === null) child.kill('SIGTERM')
      await exited
    },
    async kill() {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
      await exited
    },
  }
}
