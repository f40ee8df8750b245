/**
 * Compose fields: the fields of the Compose specification that apps do not have, with the reason. The list of allowed
 * fields is closed: a field in no list is rejected as unknown.
 */
import type { ComposeCode, ComposePath, Findings } from './compose-findings.ts'
import { report } from './compose-findings.ts'

type Rejection = { code: ComposeCode; message: string }

const host = (what: string): Rejection => ({
  code: 'host_access',
  message: `${what}, which an app must not have; delete the field, or allow some fields with --host-access`,
})
const unsupported = (advice: string): Rejection => ({
  code: 'field_unsupported',
  message: `apps have no such field; ${advice}`,
})

const DELETE = unsupported('delete it')
const NO_FILES = unsupported('other files are not part of a release; write the values into this file')

const SERVICE: Readonly<Record<string, Rejection>> = {
  privileged: host('it gives the container the whole device'),
  cap_add: host('capabilities give the container powers over the device'),
  devices: host('it gives the container devices of the machine'),
  device_cgroup_rules: host('it gives the container devices of the machine'),
  gpus: host('it gives the container devices of the machine'),
  runtime: host('another runtime can give the container devices of the machine'),
  security_opt: host('it can switch off the protection of the device'),
  pid: host('it shows the container the processes of others'),
  ipc: host('it shares memory with the processes of others'),
  uts: host('it shares the host name of the device'),
  cgroup: host('it shares the control groups of the device'),
  cgroup_parent: host('it moves the container out of its limits'),
  userns_mode: host('it can make the root of the container the root of the device'),
  group_add: host('groups of the device give access to its files'),
  sysctls: host('it changes settings of the kernel'),
  volumes_from: host('it mounts the files of other containers'),
  use_api_socket: host('the socket of the container engine gives the container the whole device'),
  credential_spec: host('it reads files of the device'),
  oom_kill_disable: host('it can stop the device when its memory is full'),
  oom_score_adj: host('it can make the device end other programs first'),
  ulimits: host('it can take resources from the device'),
  build: unsupported('build the image first, and give it with --image NAME=ARCHIVE'),
  extends: NO_FILES,
  env_file: NO_FILES,
  label_file: NO_FILES,
  configs: NO_FILES,
  container_name: unsupported('delete it; the agent names the containers'),
  pull_policy: unsupported('delete it; the images come with the release'),
  scale: unsupported('delete it; each service is one container'),
  logging: unsupported('delete it; the agent limits the logs'),
  networks: unsupported('delete it; the services of an app share one network'),
  links: unsupported('delete it; services find each other by name'),
  external_links: host('it connects to containers of others'),
  ...Object.fromEntries(
    [
      'annotations',
      'attach',
      'blkio_config',
      'cap_drop',
      'cpu_count',
      'cpu_percent',
      'cpu_period',
      'cpu_quota',
      'cpu_rt_period',
      'cpu_rt_runtime',
      'cpu_shares',
      'cpuset',
      'develop',
      'dns',
      'dns_opt',
      'dns_search',
      'domainname',
      'extra_hosts',
      'hostname',
      'init',
      'isolation',
      'labels',
      'mac_address',
      'mem_reservation',
      'mem_swappiness',
      'memswap_limit',
      'models',
      'post_start',
      'pre_stop',
      'profiles',
      'provider',
      'shm_size',
      'stdin_open',
      'storage_opt',
      'tty',
    ].map((name) => [name, DELETE]),
  ),
}

const TOP: Readonly<Record<string, Rejection>> = {
  networks: unsupported('delete it; the services of an app share one network'),
  configs: NO_FILES,
  include: NO_FILES,
  models: DELETE,
}

/** Settings of a volume can make it a folder of the device (`driver_opts: {type: none, o: bind, device: /}`). */
const VOLUME: Readonly<Record<string, Rejection>> = {
  driver: host('a driver can mount folders of the device'),
  driver_opts: host('its options can mount folders of the device'),
  external: host('it would be a volume of somebody else'),
  name: unsupported('delete it; the agent names the volumes'),
  labels: DELETE,
}

const DEPLOY: Readonly<Record<string, Rejection>> = Object.fromEntries(
  [
    'endpoint_mode',
    'labels',
    'mode',
    'placement',
    'replicas',
    'restart_policy',
    'rollback_config',
    'update_config',
  ].map((name) => [name, unsupported('delete it; the deployment and its rollout decide this')]),
)

const RESOURCES: Readonly<Record<string, Rejection>> = {
  reservations: host('a reservation can name devices of the machine; write limits'),
}

const HEALTH: Readonly<Record<string, Rejection>> = { start_interval: DELETE }

const MOUNT: Readonly<Record<string, Rejection>> = {
  bind: host('it mounts a folder of the device'),
  consistency: DELETE,
  image: DELETE,
  tmpfs: unsupported('delete it; write the path into the field tmpfs of the service'),
  volume: DELETE,
}

const NO_VALUE = unsupported('set the value with "skerry secret set", and write external: true')

const SECRET: Readonly<Record<string, Rejection>> = {
  file: NO_VALUE,
  environment: NO_VALUE,
  name: unsupported('delete it; the secret of the device has the same name'),
  driver: DELETE,
  driver_opts: DELETE,
  labels: DELETE,
  template_driver: DELETE,
}

const ALL_READ = unsupported('delete it; each user in the container can read the file')

const SECRET_MOUNT: Readonly<Record<string, Rejection>> = {
  target: unsupported('delete it; the file is /run/secrets/NAME'),
  uid: ALL_READ,
  gid: ALL_READ,
  mode: ALL_READ,
}

const PORT: Readonly<Record<string, Rejection>> = { app_protocol: DELETE, mode: DELETE, name: DELETE }

const places = {
  top: { known: ['name', 'secrets', 'services', 'version', 'volumes', 'x-skerry-drift'], rejected: TOP },
  service: {
    known: [
      'command',
      'cpus',
      'depends_on',
      'deploy',
      'entrypoint',
      'environment',
      'expose',
      'healthcheck',
      'image',
      'mem_limit',
      'network_mode',
      'pids_limit',
      'platform',
      'ports',
      'read_only',
      'restart',
      'secrets',
      'stop_grace_period',
      'stop_signal',
      'tmpfs',
      'user',
      'volumes',
      'working_dir',
      'x-skerry-data',
      'x-skerry-repository',
      'x-skerry-serves',
    ],
    rejected: SERVICE,
  },
  volume: { known: [], rejected: VOLUME },
  deploy: { known: ['resources'], rejected: DEPLOY },
  resources: { known: ['limits'], rejected: RESOURCES },
  limits: { known: ['cpus', 'memory', 'pids'], rejected: {} },
  health: { known: ['disable', 'interval', 'retries', 'start_period', 'test', 'timeout'], rejected: HEALTH },
  mount: { known: ['read_only', 'source', 'target', 'type'], rejected: MOUNT },
  port: { known: ['host_ip', 'protocol', 'published', 'target'], rejected: PORT },
  secret: { known: ['external'], rejected: SECRET },
  secretMount: { known: ['source'], rejected: SECRET_MOUNT },
  repository: { known: ['binary', 'load', 'path', 'port'], rejected: {} },
  serves: { known: ['binary', 'model', 'port', 'protocol'], rejected: {} },
  dependency: { known: ['condition'], rejected: { required: DELETE, restart: DELETE } },
} as const satisfies Record<string, { known: readonly string[]; rejected: Readonly<Record<string, Rejection>> }>

export type ComposePlace = keyof typeof places

/** The fields that compose-host.ts reads if a service may reach into the device. */
const HOST_FIELDS: Partial<Record<ComposePlace, readonly string[]>> = {
  service: ['cap_add', 'devices', 'gpus', 'privileged', 'runtime'],
  resources: ['reservations'],
}

/** Reports each field that an app cannot have. [compose-spec, 11-extension] Fields that begin with x- are comments. */
export function checkFields(it: Findings, place: ComposePlace, fields: object, path: ComposePath): void {
  const { known, rejected }: { known: readonly string[]; rejected: Readonly<Record<string, Rejection>> } = places[place]
  for (const name of Object.keys(fields)) {
    if (known.includes(name) || isForeign(name) || (it.mayReach && HOST_FIELDS[place]?.includes(name))) continue
    const why = Object.hasOwn(rejected, name) ? rejected[name] : unknownField(name)
    if (why) report(it, [...path, name], why.code, why.message)
  }
}

/** A misspelt field of ours must not have no effect. */
const isForeign = (name: string) => name.startsWith('x-') && !name.startsWith('x-skerry-')

const unknownField = (name: string): Rejection =>
  name === '<<'
    ? unsupported('write the fields out')
    : {
        code: 'field_unknown',
        message: 'the Compose specification has no such field here; correct its name or delete it',
      }
