/** Engine: the part of the Docker Engine API that apps need, typed. Podman offers the same API. */
import type { IncomingMessage } from 'node:http'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import type { ContainerBody } from '@skerry/core/apps/container-body'
import { parseJson } from '@skerry/core/values/parse-json'
import * as z from 'zod'
import { createEngineClient, EngineRefused } from './engine-client.ts'

const Version = z.object({
  Version: z.string().max(200),
  ApiVersion: z.string().max(20),
  Arch: z.string().max(50),
  Components: z.array(z.object({ Name: z.string() })).nullish(),
})

const Listed = z.object({
  Id: z.string(),
  Names: z.array(z.string()),
  Labels: z.record(z.string(), z.string()),
})
export type ListedContainer = z.infer<typeof Listed>

const Probe = z.object({ Output: z.string() })

/**
 * [Podman, libpod/define/containerstate.go] Podman answers some states in its own words while a container changes. A
 * container that is `stopped` has ended, and its rests are yet to be removed.
 */
const PODMAN_STATES = { initialized: 'created', stopping: 'running', stopped: 'exited', unknown: 'dead' } as const

/** [Docker Engine API, ContainerState] */
const DOCKER_STATES = ['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead'] as const

/** The state of a container in the words of Docker. */
export const ContainerState: z.ZodType<(typeof DOCKER_STATES)[number]> = z
  .enum(DOCKER_STATES)
  .or(z.enum(['initialized', 'stopping', 'stopped', 'unknown']).transform((state) => PODMAN_STATES[state]))

/** [Docker Engine API, ContainerInspect] Absent and null both mean none. */
const Inspected = z.object({
  Id: z.string(),
  Name: z.string(),
  RestartCount: z.int(),
  State: z.object({
    Status: ContainerState,
    ExitCode: z.int(),
    OOMKilled: z.boolean().nullish(),
    Error: z.string().nullish(),
    StartedAt: z.string().nullish(),
    Health: z.object({ Status: z.string(), Log: z.array(Probe).nullish() }).nullish(),
  }),
  Config: z.object({ Labels: z.record(z.string(), z.string()).nullish() }),
  HostConfig: z.object({
    Memory: z.number(),
    NanoCpus: z.number().nullish(),
    PidsLimit: z.number().nullish(),
  }),
})
export type InspectedContainer = z.infer<typeof Inspected>

const Image = z.object({ Id: z.string(), RepoTags: z.array(z.string()).nullish() })
export type EngineImage = z.infer<typeof Image>

const Named = z.object({ Name: z.string() })
const Volumes = z.object({ Volumes: z.array(Named).nullish() })

const Labelled = z.object({ Labels: z.record(z.string(), z.string()).nullish() })

/** cgroup v1 names the file cache `total_inactive_file`, v2 `inactive_file`. */
const Stats = z.object({
  cpu_stats: z.object({ cpu_usage: z.object({ total_usage: z.number().optional() }).optional() }),
  memory_stats: z.object({
    usage: z.number().optional(),
    stats: z.object({ total_inactive_file: z.number().optional(), inactive_file: z.number().optional() }).nullish(),
  }),
})

/** [Docker Engine API, SystemEvents] */
const Event = z.object({
  Action: z.string(),
  Actor: z.object({ ID: z.string(), Attributes: z.record(z.string(), z.string()).nullish() }),
})

/** `exitCode` is that of a container that ended. A container that was started again does not show it any more. */
export type EngineEvent = { id: string; exitCode?: number }

export type EngineVersion = { engine: 'docker' | 'podman'; version: string; apiVersion: number; arch: string }

/** `tail` is a number of lines, `since` in seconds. */
export type LogQuery = { tail?: number; since?: number; follow?: true }

export type Engine = {
  version(signal: AbortSignal): Promise<EngineVersion>
  /** All containers with these labels, also stopped ones. */
  containers(labels: Readonly<Record<string, string>>, signal: AbortSignal): Promise<ListedContainer[]>
  /** Undefined if there is no container of this name or id. */
  inspect(container: string, signal: AbortSignal): Promise<InspectedContainer | undefined>
  create(name: string, body: ContainerBody, signal: AbortSignal): Promise<void>
  start(container: string, signal: AbortSignal): Promise<void>
  /**
   * Resolves when it has ended, also if it is gone. After `graceSeconds` the engine kills it; undefined: after the time
   * that it was created with.
   */
  stop(container: string, graceSeconds: number | undefined, signal: AbortSignal): Promise<void>
  unpause(container: string, signal: AbortSignal): Promise<void>
  /** Removes it with its anonymous volumes. Named volumes stay. */
  remove(container: string, signal: AbortSignal): Promise<void>
  /** Its processor time in nanoseconds, and its memory without the cache of files. Undefined if it is gone. */
  usage(container: string, signal: AbortSignal): Promise<{ cpuNanos: number; memoryBytes: number } | undefined>
  images(signal: AbortSignal): Promise<EngineImage[]>
  /** The engine's name of an image; undefined if it has none. */
  imageId(image: string, signal: AbortSignal): Promise<string | undefined>
  /** Takes an archive. Throws EngineRefused with the engine's words if it is not accepted. */
  loadImages(archive: Readable, signal: AbortSignal): Promise<void>
  /** The image as the archive of `docker save`. Undefined if the engine has no image of this name. */
  saveImage(image: string, signal: AbortSignal): Promise<IncomingMessage | undefined>
  /** Removes a name. The engine deletes the image with its last name, unless a container uses it. */
  removeImage(name: string, signal: AbortSignal): Promise<void>
  makeNetwork(name: string, labels: Readonly<Record<string, string>>, signal: AbortSignal): Promise<void>
  removeNetwork(name: string, signal: AbortSignal): Promise<void>
  networkNames(labels: Readonly<Record<string, string>>, signal: AbortSignal): Promise<string[]>
  volumeNames(labels: Readonly<Record<string, string>>, signal: AbortSignal): Promise<string[]>
  /** Removes it with its data. */
  removeVolume(name: string, signal: AbortSignal): Promise<void>
  /** The labels of a volume or network; undefined if there is none of this name. */
  labelsOf(
    kind: 'volumes' | 'networks',
    name: string,
    signal: AbortSignal,
  ): Promise<Readonly<Record<string, string>> | undefined>
  /** Calls back for each change of a container with the label, until the stream ends. */
  follow(label: string, onEvent: (event: EngineEvent) => void, signal: AbortSignal): Promise<void>
  /** With `follow` the answer continues until the container ends. */
  logs(container: string, query: LogQuery, signal: AbortSignal): Promise<IncomingMessage>
  close(): void
}

/** Copying a layer of gigabytes to a slow card takes minutes, in which the engine says nothing. */
const LOAD_SILENCE_MAX_MS = 1_800_000
/** [contract, Service.stopGraceMs] */
const GRACE_SECONDS_MAX = 3_600
/** The stop itself, beside the grace. */
const STOP_SILENCE_MS = 60_000
/** A stream of events is silent while nothing happens. */
const NO_LIMIT = 0

/** The events after which the state of a container may be another. Health checks make three more for each run. */
const EVENTS = ['create', 'start', 'die', 'destroy', 'pause', 'unpause', 'update', 'health_status', 'oom', 'rename']

export function openEngine(socketPath: string): Engine {
  let apiVersion = 1.41
  const { ask, listen, close } = createEngineClient(socketPath, () => apiVersion)
  const get = async <T>(schema: z.ZodType<T>, path: string, query: object, signal: AbortSignal): Promise<T> =>
    schema.parse(JSON.parse(await ask({ method: 'GET', path, query: { ...query } }, signal)))
  const post = async (path: string, more: object, signal: AbortSignal) =>
    void (await ask({ method: 'POST', path, ...more }, signal))
  const drop = async (path: string, query: Record<string, boolean>, signal: AbortSignal) =>
    void (await unlessMissing(ask({ method: 'DELETE', path, query }, signal)))
  return {
    async version(signal) {
      const found = await get(Version, '/version', {}, signal)
      apiVersion = Number(found.ApiVersion)
      const isPodman = found.Components?.some(({ Name }) => Name.startsWith('Podman')) ?? false
      return { engine: isPodman ? 'podman' : 'docker', version: found.Version, apiVersion, arch: found.Arch }
    },
    containers: (labels, signal) =>
      get(z.array(Listed), '/containers/json', { all: true, filters: { label: labelWords(labels) } }, signal),
    inspect: (container, signal) => unlessMissing(get(Inspected, `/containers/${container}/json`, {}, signal)),
    create: (name, body, signal) => post('/containers/create', { query: { name }, body }, signal),
    start: (container, signal) => post(`/containers/${container}/start`, {}, signal),
    async stop(container, graceSeconds, signal) {
      const silenceMaxMs = (graceSeconds ?? GRACE_SECONDS_MAX) * 1_000 + STOP_SILENCE_MS
      await unlessMissing(post(`/containers/${container}/stop`, { query: { t: graceSeconds }, silenceMaxMs }, signal))
    },
    unpause: (container, signal) => post(`/containers/${container}/unpause`, {}, signal),
    remove: (container, signal) => drop(`/containers/${container}`, { v: true, force: true }, signal),
    async usage(container, signal) {
      const query = { stream: false, 'one-shot': true }
      const found = await unlessMissing(get(Stats, `/containers/${container}/stats`, query, signal))
      if (!found) return undefined
      const { usage = 0, stats } = found.memory_stats
      const cachedBytes = stats?.total_inactive_file ?? stats?.inactive_file ?? 0
      return { cpuNanos: found.cpu_stats.cpu_usage?.total_usage ?? 0, memoryBytes: Math.max(0, usage - cachedBytes) }
    },
    images: (signal) => get(z.array(Image), '/images/json', {}, signal),
    imageId: async (image, signal) => (await unlessMissing(get(Image, `/images/${image}/json`, {}, signal)))?.Id,
    async loadImages(stream, signal) {
      const query = { quiet: true }
      const text = await ask(
        { method: 'POST', path: '/images/load', query, stream, silenceMaxMs: LOAD_SILENCE_MAX_MS },
        signal,
      )
      // The status is sent before the archive is read. So an error stands in the answer.
      const problem = /"error":"((?:[^"\\]|\\.)*)"/.exec(text)?.[1]
      if (problem !== undefined) throw new EngineRefused(500, problem)
    },
    saveImage: (image, signal) =>
      unlessMissing(listen({ method: 'GET', path: `/images/${image}/get`, silenceMaxMs: LOAD_SILENCE_MAX_MS }, signal)),
    removeImage: (name, signal) => drop(`/images/${name}`, {}, signal),
    makeNetwork: async (Name, Labels, signal) =>
      post('/networks/create', { body: { Name, Labels, Driver: 'bridge', CheckDuplicate: true } }, signal),
    removeNetwork: (name, signal) => drop(`/networks/${name}`, {}, signal),
    async networkNames(labels, signal) {
      const filters = { label: labelWords(labels) }
      return (await get(z.array(Named), '/networks', { filters }, signal)).map(({ Name }) => Name)
    },
    async volumeNames(labels, signal) {
      const filters = { label: labelWords(labels) }
      return ((await get(Volumes, '/volumes', { filters }, signal)).Volumes ?? []).map(({ Name }) => Name)
    },
    removeVolume: (name, signal) => drop(`/volumes/${name}`, {}, signal),
    async labelsOf(kind, name, signal) {
      const found = await unlessMissing(get(Labelled, `/${kind}/${name}`, {}, signal))
      return found && (found.Labels ?? {})
    },
    async follow(label, onEvent, signal) {
      const filters = { type: ['container'], label: [label], event: EVENTS }
      const stream = await listen(
        { method: 'GET', path: '/events', query: { filters }, silenceMaxMs: NO_LIMIT },
        signal,
      )
      for await (const line of createInterface({ input: stream })) onEvent(eventOf(line))
    },
    logs: (container, query, signal) =>
      listen(
        {
          method: 'GET',
          path: `/containers/${container}/logs`,
          query: { stdout: true, stderr: true, timestamps: true, ...query },
          ...(query.follow && { silenceMaxMs: NO_LIMIT }),
        },
        signal,
      ),
    close,
  }
}

/** An event that cannot be read is one all the same: the containers are read again after it. */
function eventOf(line: string): EngineEvent {
  const event = Event.safeParse(parseJson(line)).data
  const exitCode = Number(event?.Actor.Attributes?.exitCode)
  return { id: event?.Actor.ID ?? '', ...(event?.Action === 'die' && Number.isInteger(exitCode) && { exitCode }) }
}

const labelWords = (labels: Readonly<Record<string, string>>) =>
  Object.entries(labels).map(([name, value]) => `${name}=${value}`)

/** Undefined if the engine does not know the thing. */
async function unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof EngineRefused && error.status === 404) return undefined
    throw error
  }
}
