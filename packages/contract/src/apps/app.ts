/**
 * App: the services of a release, in the form that devices run. It is a checked subset of a Compose file with all
 * defaults written out. Images are named by digest; their bytes are files of the version, in the paths of an OCI image
 * layout. So a device needs no registry.
 */
import * as z from 'zod'
import { ServerModelName } from '../models/served-model.ts'
import { SECRETS_MAX, SecretName } from '../secrets/secret.ts'
import { Digest } from '../values/digest.ts'
import { Name } from '../values/names.ts'
import { ConfigSchema } from './config-schema.ts'
import { HostAccess } from './host-access.ts'

/** 16 containers of one app are more than a gateway runs beside its models. */
export const SERVICES_MAX = 16

/** Compose allows capitals, dots and underscores. A name that is a DNS label is safe in container and network names. */
export const ServiceName = Name
export type ServiceName = z.infer<typeof ServiceName>

/** 2,000 characters hold each usual command and value, and bound the size of the file. */
const Word = z.string().max(2_000)
const Words = z.array(Word).max(100)

/** The name of an environment variable, as POSIX shells accept it. */
export const VariableName = z
  .string()
  // A record drops the name __proto__, so it would be lost without a word.
  .regex(/^(?!__proto__$)[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'must be letters, digits and _')

/**
 * A path inside a container, in its normal form. `..` would let a volume cover another folder than the reader of the
 * file expects.
 */
export const ContainerPath = z
  .string()
  .max(255)
  .regex(/^(\/(?!\.{1,2}(\/|$))[A-Za-z0-9._@+-]+)+$/, 'must be an absolute path without . and .. parts, such as /data')

const Port = z.int().min(1).max(65_535)

/** A port of the device that leads to a port of the container. */
export const AppPort = z.strictObject({
  host: Port,
  container: Port,
  protocol: z.enum(['tcp', 'udp']),
  /** The address of the device that listens. Another address than loopback makes the port reachable from outside. */
  address: z.union([z.ipv4(), z.ipv6()]),
})
export type AppPort = z.infer<typeof AppPort>

/** More sets of reference files than one program reads. */
const DATA_MAX = 32

/** 64 models fill one server of a gateway. */
const SERVED_MAX = 64

/** A model that the service answers for, over REST. */
export const AppServes = z.strictObject({
  /** The name of the model in the server. */
  model: ServerModelName,
  /** The port of the container. A port of the device on loopback leads to it. */
  port: Port,
  /** The Open Inference Protocol, or the widespread chat API. Agents up to 0.1.0 reject a release with `openai`. */
  protocol: z.enum(['oip', 'openai']),
  /** The server accepts tensors as bytes after the JSON [Triton, binary tensor data extension]. */
  isBinary: z.literal(true).optional(),
})
export type AppServes = z.infer<typeof AppServes>

/** A folder in which the server of the service finds models, as versions of models bring them. */
export const AppRepository = z.strictObject({
  /** The folder in the container. The agent mounts its own folder there, and the container cannot write to it. */
  path: ContainerPath,
  /** The port of the container with the Open Inference Protocol. A port of the device leads to it. */
  port: Port,
  /** `request`: by the model repository extension of the protocol. `restart`: the server reads the folder as it starts. */
  load: z.enum(['request', 'restart']),
  /** The server accepts tensors as bytes after the JSON [Triton, binary tensor data extension]. */
  isBinary: z.literal(true).optional(),
})
export type AppRepository = z.infer<typeof AppRepository>

/** A named volume. It outlives releases and the app. A wipe of the device removes it. */
export const AppVolume = z.strictObject({ name: Name, target: ContainerPath, readOnly: z.boolean().optional() })
export type AppVolume = z.infer<typeof AppVolume>

const HOUR_MS = 3_600_000

/** The command in the container that shows whether it works. */
export const HealthCheck = z.strictObject({
  /** The first word is `CMD` (words of a command) or `CMD-SHELL` (one line for the shell of the image). */
  test: z
    .array(Word)
    .min(2)
    .max(100)
    .refine(([first]) => first === 'CMD' || first === 'CMD-SHELL', 'must begin with CMD or CMD-SHELL'),
  intervalMs: z.int().min(100).max(HOUR_MS),
  timeoutMs: z.int().min(100).max(HOUR_MS),
  retries: z.int().min(1).max(100),
  startPeriodMs: z.int().min(0).max(HOUR_MS),
})
export type HealthCheck = z.infer<typeof HealthCheck>

/** Docker rejects less than 6 MiB. 1 TiB is past any device. */
export const MEMORY_BYTES_MIN = 6 * 1024 ** 2
const MEMORY_BYTES_MAX = 1024 ** 4

/** A container without limits can starve the models beside it, so each service has all three. */
export const Resources = z.strictObject({
  memoryBytes: z.int().min(MEMORY_BYTES_MIN).max(MEMORY_BYTES_MAX),
  cpus: z.number().min(0.01).max(1_024),
  pids: z.int().min(1).max(1_000_000),
})
export type Resources = z.infer<typeof Resources>

export const RESOURCES_DEFAULT: Resources = { memoryBytes: 256 * 1024 ** 2, cpus: 1, pids: 256 }

export const Service = z.strictObject({
  /** The manifest of the image, among the files of the version: `blobs/sha256/HEX`. */
  image: Digest,
  /** The image as the Compose file names it, for people. */
  imageName: z.string().min(1).max(300),
  /** The configuration of the image, among the files too. A container engine names the image by it. */
  imageId: Digest,
  platform: z.strictObject({ os: z.literal('linux'), architecture: z.enum(['amd64', 'arm64']) }),
  command: Words.optional(),
  entrypoint: Words.optional(),
  environment: z
    .record(VariableName, Word)
    .refine((all) => Object.keys(all).length <= 200, 'at most 200 variables')
    .optional(),
  /** User and group in the container: names or numbers. */
  user: z
    .string()
    .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,31})?$/, 'must be USER or USER:GROUP')
    .optional(),
  workingDir: ContainerPath.optional(),
  ports: z.array(AppPort).max(100).optional(),
  /** Agents up to 0.1.0 reject a release with it. */
  serves: z.array(AppServes).max(SERVED_MAX).optional(),
  /** The models that versions bring to its server. Agents up to 0.2.0 reject a release with it. */
  repository: AppRepository.optional(),
  volumes: z.array(AppVolume).max(32).optional(),
  /**
   * Secrets of the device that the container reads as files below /run/secrets. Agents up to 0.1.0 reject a release with
   * them.
   */
  secrets: z.array(SecretName).max(SECRETS_MAX).optional(),
  /** Data of the device that the container reads below /run/data. Agents up to 0.1.0 reject a release with them. */
  data: z.array(Name).max(DATA_MAX).optional(),
  tmpfs: z.array(ContainerPath).max(32).optional(),
  /** The parts of the device that it gets. Agents up to 0.1.0 reject a release with them. */
  access: HostAccess.optional(),
  /** The root file system of the container cannot be written. */
  readOnly: z.boolean().optional(),
  healthcheck: HealthCheck.optional(),
  /** The services that start before it, and whether it waits for their health. */
  dependsOn: z.record(ServiceName, z.enum(['started', 'healthy'])).optional(),
  resources: Resources,
  restart: z.enum(['no', 'on-failure', 'always', 'unless-stopped']),
  /** Absent: the network of the app, where its services find each other by name. */
  networkMode: z.enum(['none', 'bridge']).optional(),
  /** The time between the stop signal and the kill. */
  stopGraceMs: z.int().min(0).max(HOUR_MS),
  stopSignal: z
    .string()
    .regex(/^SIG[A-Z0-9+-]{2,10}$/, 'must be a signal such as SIGTERM')
    .optional(),
})
export type Service = z.infer<typeof Service>

export const App = z
  .strictObject({
    v: z.literal(1),
    services: z
      .record(ServiceName, Service)
      .refine((services) => Object.keys(services).length > 0, 'needs at least one service')
      .refine((services) => Object.keys(services).length <= SERVICES_MAX, `at most ${SERVICES_MAX} services`),
    /**
     * The device reports a container that a person stops or changes after the proof, and leaves it so. Absent: the device
     * brings it back. Agents up to 0.1.0 reject a release with it.
     */
    drift: z.literal('report').optional(),
    /** The settings that a deployment can choose. Absent if there are none. */
    config: ConfigSchema.optional(),
  })
  .superRefine(({ services }, context) => {
    for (const { path, message } of [
      ...dependencyProblems(services),
      ...servesProblems(services),
      ...repositoryProblems(services),
      ...networkProblems(services),
    ]) {
      context.addIssue({ code: 'custom', path: ['services', ...path], message })
    }
  })
export type App = z.infer<typeof App>

type DependencyProblem = { path: string[]; message: string }

/** Each dependency exists, has a health check where its health is awaited, and leads to no circle. */
function dependencyProblems(services: Readonly<Record<string, Service>>): DependencyProblem[] {
  const known = Object.entries(services).flatMap(([name, { dependsOn = {} }]) =>
    Object.entries(dependsOn).flatMap(([other, condition]) => {
      const path = [name, 'dependsOn', other]
      const target = Object.hasOwn(services, other) ? services[other] : undefined
      if (!target) return [{ path, message: `there is no service ${other}` }]
      if (condition === 'healthy' && !target.healthcheck) {
        return [{ path, message: `${other} has no health check to wait for` }]
      }
      return []
    }),
  )
  if (known.length > 0 || startOrder(services).length === Object.keys(services).length) return known
  return [{ path: [], message: 'the services depend on each other in a circle' }]
}

/** Each served model has a port that the agent can reach, and one service that answers for it. */
function servesProblems(services: Readonly<Record<string, Service>>): DependencyProblem[] {
  const claimed = new Map<string, string>()
  return Object.entries(services).flatMap(([name, { serves = [], ports = [] }]) =>
    serves.flatMap(({ model, port }, index) => {
      const path = [name, 'serves', String(index)]
      const other = claimed.get(model)
      claimed.set(model, name)
      if (other !== undefined) return [{ path, message: `the service ${other} serves the model ${model} already` }]
      if (ports.some((it) => it.container === port && it.protocol === 'tcp')) return []
      return [{ path, message: `no port of the device leads to port ${port}; publish it under ports` }]
    }),
  )
}

/** The agent must reach the server of the repository, and an app has one place for the files of a version. */
function repositoryProblems(services: Readonly<Record<string, Service>>): DependencyProblem[] {
  const having = Object.entries(services).filter(([, { repository }]) => repository !== undefined)
  return having.flatMap(([name, { repository, ports = [] }], index) => {
    const path = [name, 'repository']
    if (index > 0) return [{ path, message: `the service ${having[0]?.[0]} has a model repository already` }]
    if (ports.some((it) => it.container === repository?.port && it.protocol === 'tcp')) return []
    return [{ path, message: `no port of the device leads to port ${repository?.port}; publish it under ports` }]
  })
}

/** [Docker Engine API] An engine ignores ports and networks of a container in the network of the machine. */
const networkProblems = (services: Readonly<Record<string, Service>>): DependencyProblem[] =>
  Object.entries(services)
    .filter(([, { access, ports = [], networkMode }]) => access?.hostNetwork && (ports.length > 0 || networkMode))
    .map(([name]) => ({ path: [name, 'ports'], message: 'a service in the network of the device has no ports here' }))

/** The services, each after those that it depends on. Services of a circle are left out. */
export function startOrder(services: Readonly<Record<string, Pick<Service, 'dependsOn'>>>): ServiceName[] {
  const order: ServiceName[] = []
  let rest = Object.entries(services)
  while (rest.length > 0) {
    const ready = rest.filter(([, { dependsOn = {} }]) => Object.keys(dependsOn).every((name) => order.includes(name)))
    if (ready.length === 0) return order
    order.push(...ready.map(([name]) => name))
    rest = rest.filter((entry) => !ready.includes(entry))
  }
  return order
}

/** The path of a blob in a version: that of an OCI image layout. */
export const blobPath = (digest: Digest): string => `blobs/sha256/${digest.slice('sha256:'.length)}`
