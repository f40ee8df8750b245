/**
 * Container body: the request by which a container engine creates the container of a service, and the names of all that
 * an app has in the engine. Nothing in it depends on the device, so that a release runs alike everywhere.
 *
 * A container gets no capability of root, and its processes cannot gain one. So an image that starts as root and then
 * changes its user needs another `user`. Ports below 1024 need no capability: Docker opens them to all users of a
 * container, and Podman does so by a setting of the kernel that only this container has.
 */
import type { App, Service } from '@skerry/contract/apps/app'
import type { AppConfig, ConfigSchema } from '@skerry/contract/apps/config-schema'
import type { HostAccess } from '@skerry/contract/apps/host-access'
import type { DesiredItem } from '@skerry/contract/devices/desired'
import { canonicalJson } from '../values/canonical-json.ts'
import { coldSettings, environmentOf, hasHotSettings, SETTINGS_FOLDER } from './app-environment.ts'

/** The labels by which the agent knows its own containers, networks and volumes. */
export const LABELS = {
  app: 'skerry.app',
  version: 'skerry.version',
  /** The `containerKey` of the release. */
  release: 'skerry.release',
  service: 'skerry.service',
  /** The data folder of an agent: two agents may share an engine. */
  device: 'skerry.device',
} as const

type Settled = Pick<DesiredItem, 'digest' | 'spec'>

const settingsOf = ({ spec }: Settled) => ('config' in spec ? spec.config : undefined)

/** Names a release with its configuration: the same files with other settings are another load. */
export const releaseKey = (item: Settled): string => keyOf(item, settingsOf(item))

const keyOf = ({ digest }: Settled, config: AppConfig | undefined): string =>
  config === undefined ? digest : `${digest}+${checksum(canonicalJson(config))}`

type Configured<Item> = { item: Item; app: Pick<App, 'config'> }

/** Names the containers of a release. Two loads that differ only in hot settings share their containers. */
export function containerKey({ item, app }: Configured<Settled>): string {
  const config = settingsOf(item)
  if (config === undefined || !hasHotSettings(app.config)) return releaseKey(item)
  const cold = coldSettings(app.config, config)
  return keyOf(item, Object.keys(cold).length === 0 ? undefined : cold)
}

/** [FNV-1a] Tells a few configurations of one release apart; nobody is protected by it. */
function checksum(text: string): string {
  let sum = 0x811c9dc5
  for (const character of text) sum = Math.imul(sum ^ (character.codePointAt(0) ?? 0), 0x01000193)
  return (sum >>> 0).toString(16).padStart(8, '0')
}

/** `_` is in no name of an app or service, so that no two of them make one name. */
export function containerName(
  release: Configured<Settled & Pick<DesiredItem, 'name' | 'version'>>,
  service: string,
): string {
  const { item } = release
  const [, settings] = containerKey(release).split('+')
  return `skerry_${item.name}_${service}_v${item.version}${settings === undefined ? '' : `_${settings}`}`
}
export const networkName = (app: string): string => `skerry_${app}`
export const volumeName = (app: string, volume: string): string => `skerry_${app}_${volume}`

/** The repository of all images of a device; the engine keeps an image while it has a name. */
export const imageRepository = (device: string): string => `skerry.local/${device}/`
/** [OCI distribution, pulling manifests] A tag has at most 128 characters. */
export const imageName = (device: string, { name, version }: DesiredItem, imageId: string): string =>
  `${imageRepository(device)}${name}:v${version}-${imageId.slice('sha256:'.length).slice(0, 12)}`

/** Three files of 10 MB for each container: hours of a talkative one, and a limit for the disk. */
const LOG_CONFIG = { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } }

const NANOS_PER_MS = 1_000_000

/** [Linux, ip-sysctl] Docker sets it itself from 20.10 on. */
const OPEN_PORTS = { 'net.ipv4.ip_unprivileged_port_start': '0' }

/** The engine checks its form. */
export type ContainerBody = Readonly<Record<string, unknown>>

type BodyFacts = {
  item: Pick<DesiredItem, 'name' | 'version' | 'digest' | 'spec'>
  service: string
  /** The engine's name of the image. */
  image: string
  engine: 'docker' | 'podman'
  device: string
  /** The folder of the device with the secrets of the container. Needed if the service names some. */
  secretsFolder?: string
  /** The folders of the device with the data that the service names. */
  dataFolders?: ReadonlyMap<string, string>
  /** The folder of the device with the files of hosted models. Needed if the service has a model repository. */
  repositoryFolder?: string
  /** The folder of the device with the file of all settings. Needed if a setting is hot. */
  settingsFolder?: string
  /** All settings of the release, also the defaults of its schema. */
  config?: AppConfig
  /** The schema of the settings. */
  schema?: ConfigSchema
}

/** The body of `POST /containers/create`, for the Docker Engine API from 1.41. */
export function containerBody(spec: Service, facts: BodyFacts): ContainerBody {
  const { item, service, image, engine, device, config = {}, schema } = facts
  const { ports = [] } = spec
  const { access } = spec
  const networkMode = access?.hostNetwork ? 'host' : (spec.networkMode ?? networkName(item.name))
  return {
    Image: image,
    ...(spec.command && { Cmd: spec.command }),
    ...(spec.entrypoint && { Entrypoint: spec.entrypoint }),
    Env: Object.entries(environmentOf(spec, coldSettings(schema, config))).map(([name, value]) => `${name}=${value}`),
    ...(spec.user !== undefined && { User: spec.user }),
    ...(spec.workingDir !== undefined && { WorkingDir: spec.workingDir }),
    ...(spec.stopSignal !== undefined && { StopSignal: spec.stopSignal }),
    StopTimeout: stopSeconds(spec),
    ...(spec.healthcheck && { Healthcheck: healthcheckOf(spec.healthcheck) }),
    ExposedPorts: Object.fromEntries(ports.map((port) => [portKey(port), {}])),
    Labels: {
      ...ownLabels(device, item.name),
      [LABELS.version]: String(item.version),
      [LABELS.release]: containerKey({ item, app: { config: schema } }),
      [LABELS.service]: service,
    },
    HostConfig: {
      ...limitsOf(spec),
      CapDrop: ['ALL'],
      ...accessOf(access),
      SecurityOpt: ['no-new-privileges'],
      ReadonlyRootfs: spec.readOnly ?? false,
      NetworkMode: networkMode,
      ...(engine === 'podman' && networkMode !== 'host' && { Sysctls: OPEN_PORTS }),
      PortBindings: bindingsOf(ports),
      Mounts: mountsOf(spec, facts),
      Tmpfs: Object.fromEntries((spec.tmpfs ?? []).map((path) => [path, ''])),
      // The agent stops the release before. With `always`, an engine would start that again at its next start.
      RestartPolicy: { Name: spec.restart === 'always' ? 'unless-stopped' : spec.restart },
      LogConfig: LOG_CONFIG,
    },
    ...(spec.networkMode === undefined &&
      !access?.hostNetwork && {
        NetworkingConfig: { EndpointsConfig: { [networkMode]: { Aliases: [service] } } },
      }),
  }
}

const mountsOf = (
  spec: Service,
  { item, device, secretsFolder, dataFolders, repositoryFolder, settingsFolder, schema }: BodyFacts,
) => [
  ...(spec.volumes ?? []).map((volume) => mountOf(volume, item.name, device)),
  ...(spec.access?.folders ?? []).map(({ host, target, readOnly = false }) => ({
    ...readOnlyMount(host, target),
    ReadOnly: readOnly,
  })),
  ...(spec.secrets && secretsFolder !== undefined ? [readOnlyMount(secretsFolder, '/run/secrets')] : []),
  ...(hasHotSettings(schema) && settingsFolder !== undefined ? [readOnlyMount(settingsFolder, SETTINGS_FOLDER)] : []),
  ...(spec.repository && repositoryFolder !== undefined ? [readOnlyMount(repositoryFolder, spec.repository.path)] : []),
  ...(spec.data ?? []).flatMap((name) => {
    const folder = dataFolders?.get(name)
    return folder === undefined ? [] : [readOnlyMount(folder, `/run/data/${name}`)]
  }),
]

export const ownLabels = (device: string, app: string): Readonly<Record<string, string>> => ({
  [LABELS.device]: device,
  [LABELS.app]: app,
})

/** The limits that a person can change while the container runs. */
export const limitsOf = ({ resources: { memoryBytes, cpus, pids } }: Pick<Service, 'resources'>) => ({
  Memory: memoryBytes,
  // The same as the memory: no swap beyond it, because swapping would slow down the models beside the app.
  MemorySwap: memoryBytes,
  NanoCpus: Math.round(cpus * 1e9),
  PidsLimit: pids,
})

/** The engine takes whole seconds. A second at least, because 0 means an immediate kill. */
export const stopSeconds = ({ stopGraceMs }: Pick<Service, 'stopGraceMs'>): number =>
  stopGraceMs === 0 ? 0 : Math.max(1, Math.ceil(stopGraceMs / 1_000))

const healthcheckOf = ({
  test,
  intervalMs,
  timeoutMs,
  retries,
  startPeriodMs,
}: NonNullable<Service['healthcheck']>) => ({
  Test: test,
  Interval: intervalMs * NANOS_PER_MS,
  Timeout: timeoutMs * NANOS_PER_MS,
  Retries: retries,
  StartPeriod: startPeriodMs * NANOS_PER_MS,
})

type Port = NonNullable<Service['ports']>[number]

/** [Docker Engine API, ContainerCreate, HostConfig] */
function accessOf({ devices, gpus, runtime, capabilities, privileged }: HostAccess = {}) {
  const { driver, ids, count = ids ? undefined : 'all' } = gpus ?? {}
  const request = {
    Driver: driver ?? '',
    ...(count !== undefined && { Count: count === 'all' ? -1 : count }),
    ...(ids && { DeviceIDs: ids }),
    Capabilities: [['gpu']],
  }
  return {
    ...(capabilities && { CapAdd: capabilities }),
    ...(privileged && { Privileged: true }),
    ...(runtime && { Runtime: runtime }),
    ...(gpus && { DeviceRequests: [request] }),
    ...(devices && {
      Devices: devices.map(({ host, container, rights }) => ({
        PathOnHost: host,
        PathInContainer: container,
        CgroupPermissions: rights,
      })),
    }),
  }
}

const portKey = ({ container, protocol }: Port) => `${container}/${protocol}`

function bindingsOf(ports: readonly Port[]): Record<string, { HostIp: string; HostPort: string }[]> {
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {}
  for (const port of ports) {
    const binding = { HostIp: port.address, HostPort: String(port.host) }
    bindings[portKey(port)] = [...(bindings[portKey(port)] ?? []), binding]
  }
  return bindings
}

/** The engine rejects a folder that is missing. */
const readOnlyMount = (folder: string, target: string) => ({
  Type: 'bind',
  Source: folder,
  Target: target,
  ReadOnly: true,
  BindOptions: { Propagation: 'rprivate' },
})

const mountOf = ({ name, target, readOnly }: NonNullable<Service['volumes']>[number], app: string, device: string) => ({
  Type: 'volume',
  Source: volumeName(app, name),
  Target: target,
  ReadOnly: readOnly ?? false,
  VolumeOptions: { Labels: ownLabels(device, app) },
})
