/**
 * Serve pod: the program of a pod. It fetches the files of one version from the agent of the cluster, checks their
 * digests, loads the version, and compares its answers with the golden cases. Only then it serves, and the readiness
 * probe succeeds. It knows no hub and decides nothing. The exit code tells the agent whose fault an end is.
 */
import { link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type DesiredItem, readItem } from '@skerry/contract/devices/desired'
import { isMachineTrouble } from '@skerry/core/device/machine-hold'
import { servingOf } from '@skerry/core/kinds/kinds'
import { VERSION_FAILED } from '@skerry/core/kubernetes/cluster-judge'
import { downloadBlob } from '@skerry/platform/blobs/blob-download'
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import { openHttpsClient } from '@skerry/platform/network/https-client'
import { systemClock } from '@skerry/platform/process/clock'
import { createLog, type Log } from '@skerry/platform/process/log'
import { openShutdown, type Shutdown } from '@skerry/platform/process/shutdown'
import * as z from 'zod'
import { statesFolderIn } from '../campaigns/device-state.ts'
import type { DriverAnswer } from '../kinds/driver.ts'
import { openModelDriver } from '../kinds/model/driver.ts'
import type { AgentOptions } from '../options.ts'
import { superviseRunner } from '../runner/runner-supervisor.ts'
import { openVersionFiles } from '../runner/version-files.ts'
import { type ModelBlobs, openModelBlobs } from '../sealing/model-blobs.ts'
import { AGENT_VERSION } from '../version.ts'
import type { PodOptions } from './cluster-options.ts'

/** [kubernetes.io, Container] The file whose content the cluster reports about an end. */
const TERMINATION_LOG = '/dev/termination-log'

/** [kubernetes.io, terminationMessagePath] In bytes. */
const WORDS_MAX = 4_096

const BROKEN = 1

type Order = { item: DesiredItem; files: string; token: string; authorityPem: string }

/** An end with words for the cluster. */
class PodEnd extends Error {
  readonly exitCode: number
  constructor(exitCode: number, message: string) {
    super(message)
    this.exitCode = exitCode
  }
}

/** Runs until a signal; gives the exit code. */
export async function servePod(options: AgentOptions, pod: PodOptions): Promise<number> {
  const log = createLog({ name: 'pod', level: options.logLevel })
  await using shutdown = openShutdown({ log })
  try {
    const order = await readOrder(pod.secret)
    log.info('pod_started', { model: order.item.name, version: order.item.version })
    if (pod.files !== undefined) await layOut(order, pod.files, shutdown.signal)
    else {
      const blobs = await fetchFiles(order, options.data, shutdown.signal)
      await serve({ options, order, blobs, log, shutdown })
    }
    return 0
  } catch (error) {
    if (shutdown.signal.aborted) return 0
    const end =
      error instanceof PodEnd ? error : new PodEnd(BROKEN, error instanceof Error ? error.message : String(error))
    await tellEnd(end.message)
    return end.exitCode
  }
}

const Stored = z.object({ files: z.url(), item: z.unknown() })

async function readOrder(folder: string): Promise<Order> {
  const [text, token, authorityPem] = await Promise.all(
    ['version.json', 'token', 'ca.pem'].map((name) => readFile(join(folder, name), 'utf8')),
  )
  const { files, item } = Stored.parse(JSON.parse(text ?? ''))
  const reading = readItem(item)
  if ('rejected' in reading) throw new PodEnd(VERSION_FAILED, words(reading.rejected.cause))
  return { item: reading.item, files, token: (token ?? '').trim(), authorityPem: authorityPem ?? '' }
}

/** The agent has checked the signature. It covers the list of digests, and each file is checked against it here. */
async function fetchFiles(order: Order, data: string, signal: AbortSignal): Promise<ModelBlobs> {
  const { item, files, token, authorityPem } = order
  const folder = { fileSystem: nodeFileSystem, data, freeBytesMin: () => 0, wanted: 'plain' as const, keys: undefined }
  const blobs = await openModelBlobs(folder)
  using client = openHttpsClient({ authorities: [authorityPem] })
  for (const { digest, sizeBytes } of item.files) {
    const headers = { authorization: `Bearer ${token}` }
    const place = { folder: blobs, clock: systemClock, random: Math.random }
    const fetched = await downloadBlob(
      { ...place, client, url: `${files}${digest}`, headers, digest, sizeBytes },
      signal,
    )
    if (!fetched.ok) throw new PodEnd(BROKEN, words(fetched))
  }
  return blobs
}

/** For another server, under the names that the version's files have. */
async function layOut(order: Order, folder: string, signal: AbortSignal): Promise<void> {
  const fetching = `${folder}.fetching`
  const blobs = await fetchFiles(order, fetching, signal)
  await rm(folder, { recursive: true, force: true })
  for (const { path, digest } of order.item.files) {
    const { path: from } = await blobs.fileOf(digest)
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await link(from, join(folder, path))
  }
  await rm(fetching, { recursive: true, force: true })
}

type Serving = { options: AgentOptions; order: Order; blobs: ModelBlobs; log: Log; shutdown: Shutdown }

/** Loads, proves and serves the version. A runner that ends by itself ends the pod, and the cluster starts another. */
async function serve({ options, order: { item }, blobs, log, shutdown }: Serving): Promise<void> {
  const { rest, grpc, logLevel } = options
  const ready = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<never>()
  // Without a listener its rejection would end the process.
  ended.promise.catch(() => undefined)
  const runner = shutdown.use(
    'runner',
    superviseRunner(
      // The cluster limits the memory of the pod, which has one model.
      { rest, grpc, version: AGENT_VERSION, logLevel, modelMemoryBytes: Number.MAX_SAFE_INTEGER },
      { clock: systemClock, random: Math.random, log },
      {
        expected: () => [],
        predecessor: () => undefined,
        onEnd: ({ message }) => ended.reject(new PodEnd(BROKEN, `the runner ended: ${message}`)),
        onReady: () => ready.resolve(),
        onRefused: (cause) => ended.reject(new PodEnd(BROKEN, words(cause))),
        onBeat: () => undefined,
        onScaled: () => undefined,
        onTelemetry: async () => ({ kind: 'away', message: 'a pod has no hub' }),
        onCaptured: () => undefined,
        onLog: () => undefined,
      },
    ),
  )
  await Promise.race([ready.promise, ended.promise])
  const files = openVersionFiles(join(options.data, 'versions'), blobs)
  const driver = openModelDriver({ runner, files, log, statesFolder: statesFolderIn(options.data) })
  const steps = [
    () => driver.load(item, servingOf(item).isolation, shutdown.signal),
    async () => (await driver.prove?.(item, shutdown.signal)) ?? ({ ok: true } as const),
    () => driver.activate(item, 'proven'),
  ]
  for (const step of steps) check(await Promise.race([step(), ended.promise]))
  log.info('pod_ready', { model: item.name, version: item.version })
  await Promise.race([stopped(shutdown.signal), ended.promise])
}

/** A failure of the machine is none of the version: the cluster starts the pod again. */
function check(answer: DriverAnswer): void {
  if (answer.ok) return
  const isMachine = isMachineTrouble(answer.message) || ['runner_gone', 'storage_full'].includes(answer.code)
  throw new PodEnd(isMachine ? BROKEN : VERSION_FAILED, words(answer))
}

const stopped = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })

const words = ({ code, message }: { code: string; message: string }) => `${code}: ${message}`

/** The agent reads the words from the status of the pod. Outside a cluster the file does not exist. */
async function tellEnd(message: string): Promise<void> {
  const text = message.slice(0, WORDS_MAX)
  process.stderr.write(`${text}\n`)
  const exists = await stat(TERMINATION_LOG).then(
    () => true,
    () => false,
  )
  if (exists) await writeFile(TERMINATION_LOG, text).catch(() => undefined)
}
