/** Compose service: one service of a Compose file, read field by field. */
import { RESOURCES_DEFAULT, type Resources, type Service } from '@skerry/contract/apps/app'
import { DATA_FIELD, dataOf } from './compose-data.ts'
import { checkFields } from './compose-fields.ts'
import { type Field, type Findings, flagOf, listOf, mapOf, report, textOf, wordOf } from './compose-findings.ts'
import { healthOf } from './compose-health.ts'
import { hostAccessOf } from './compose-host.ts'
import { tmpfsOf, volumesOf } from './compose-mounts.ts'
import { portsOf } from './compose-ports.ts'
import { secretsOf } from './compose-secrets.ts'
import { REPOSITORY_FIELD, repositoryOf, SERVES_FIELD, servesOf } from './compose-serves.ts'
import { bytesOf, durationMsOf, numberOf, wordsOf } from './compose-values.ts'
import { secretInText, secretInVariable } from './secret-scan.ts'

/** A service before its image is known. `platform` is that of the file. */
export type DraftService = Omit<Service, 'image' | 'imageId' | 'platform'> & { platform: string | undefined }

export type ServiceReading = {
  declaredVolumes: ReadonlySet<string>
  declaredSecrets: ReadonlySet<string>
  /** Variables, as `SERVICE.NAME`, that a person has declared to be no secrets. */
  notSecret: ReadonlySet<string>
}

const STOP_GRACE_MS = 10_000

/** Undefined if it is no map. All other problems are reported, and the rest of the service is read. */
export function serviceOf(it: Findings, name: string, field: Field, reading: ServiceReading): DraftService | undefined {
  const map = mapOf(it, field)
  if (!map) return undefined
  checkFields(it, 'service', map, field.path)
  /** The value of a field that is there and not empty. */
  const read = <Value>(key: string, parse: (it: Findings, field: Field) => Value | undefined): Value | undefined =>
    map[key] === undefined || map[key] === null ? undefined : parse(it, { value: map[key], path: [...field.path, key] })
  const environment = read('environment', (findings, each) => environmentOf(findings, name, each, reading.notSecret))
  const service = {
    imageName: read('image', textOf),
    platform: read('platform', textOf),
    command: read('command', commandOf),
    entrypoint: read('entrypoint', commandOf),
    environment,
    user: read('user', textOf),
    workingDir: read('working_dir', textOf),
    ports: read('ports', portsOf),
    serves: read(SERVES_FIELD, servesOf),
    repository: read(REPOSITORY_FIELD, repositoryOf),
    volumes: read('volumes', (findings, each) => volumesOf(findings, each, reading.declaredVolumes)),
    secrets: read('secrets', (findings, each) => secretsOf(findings, each, reading.declaredSecrets)),
    data: read(DATA_FIELD, dataOf),
    tmpfs: read('tmpfs', tmpfsOf),
    readOnly: read('read_only', flagOf),
    healthcheck: read('healthcheck', healthOf),
    dependsOn: read('depends_on', dependenciesOf),
    networkMode: read('network_mode', networkOf),
    stopSignal: read('stop_signal', textOf),
    access: hostAccessOf(it, map, field.path),
  }
  read('expose', listOf)
  const { imageName, platform, ...rest } = service
  if (map.image === undefined)
    report(it, field.path, 'reference_unknown', 'the service has no image; write image: NAME')
  return {
    imageName: imageName ?? '?',
    platform,
    ...present(rest),
    resources: resourcesOf(it, map, field),
    restart: read('restart', restartOf) ?? 'unless-stopped',
    stopGraceMs: read('stop_grace_period', durationMsOf) ?? STOP_GRACE_MS,
  }
}

type Present<Fields> = { [Key in keyof Fields]?: Exclude<Fields[Key], undefined> }

const present = <Fields extends object>(fields: Fields): Present<Fields> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<Fields>

function commandOf(it: Findings, field: Field): string[] | undefined {
  const words = wordsOf(it, field)
  const secret = words?.map(secretInText).find((found) => found !== undefined)
  if (secret !== undefined) reportSecret(it, field, secret)
  return words
}

/** A map, or a list of `NAME=VALUE`. */
function environmentOf(it: Findings, service: string, field: Field, notSecret: ReadonlySet<string>) {
  const entries = Array.isArray(field.value) ? listedVariables(it, field) : mappedVariables(it, field)
  for (const [name, value] of entries) {
    const secret = notSecret.has(`${service}.${name}`) ? undefined : secretInVariable(name, value)
    if (secret !== undefined) reportSecret(it, { ...field, path: [...field.path, name] }, secret)
  }
  return Object.fromEntries(entries)
}

const reportSecret = (it: Findings, { path }: Field, what: string) =>
  report(
    it,
    path,
    'secret_found',
    `${what} stands in the file, and everybody who may read releases could read it; set it with "skerry secret set", and name it under secrets of the service`,
  )

/** A name without a value would be read from the machine that pushes. */
const NO_VALUE = 'has no value, and variables are not read from the machine that pushes; write NAME: value'
const BAD_NAME = 'the name of a variable must be letters, digits and _'
const VARIABLE = /^(?!__proto__$)[A-Za-z_][A-Za-z0-9_]{0,127}$/

function mappedVariables(it: Findings, field: Field): [string, string][] {
  return Object.entries(mapOf(it, field) ?? {}).flatMap(([name, value]): [string, string][] => {
    const path = [...field.path, name]
    if (!VARIABLE.test(name)) return report(it, path, 'value_invalid', BAD_NAME) ?? []
    if (value === null) return report(it, path, 'value_invalid', NO_VALUE) ?? []
    const text = textOf(it, { value, path })
    return text === undefined ? [] : [[name, text]]
  })
}

function listedVariables(it: Findings, field: Field): [string, string][] {
  return (listOf(it, field) ?? []).flatMap((each): [string, string][] => {
    const text = textOf(it, each)
    if (text === undefined) return []
    const [, name = text, value] = /^([^=]*)=([\s\S]*)$/.exec(text) ?? []
    if (!VARIABLE.test(name)) return report(it, each.path, 'value_invalid', BAD_NAME) ?? []
    return value === undefined ? (report(it, each.path, 'value_invalid', NO_VALUE) ?? []) : [[name, value]]
  })
}

const CONDITIONS = { service_started: 'started', service_healthy: 'healthy' } as const

function dependenciesOf(it: Findings, field: Field): Service['dependsOn'] {
  if (Array.isArray(field.value)) {
    const names = listOf(it, field)?.flatMap((each) => textOf(it, each) ?? []) ?? []
    return Object.fromEntries(names.map((name) => [name, 'started' as const]))
  }
  const entries = Object.entries(mapOf(it, field) ?? {}).flatMap(([name, value]) => {
    const path = [...field.path, name]
    const map = mapOf(it, { value, path })
    if (!map) return []
    checkFields(it, 'dependency', map, path)
    const words = Object.keys(CONDITIONS) as (keyof typeof CONDITIONS)[]
    const condition = wordOf(it, { value: map.condition ?? 'service_started', path: [...path, 'condition'] }, words)
    return condition ? [[name, CONDITIONS[condition]] as const] : []
  })
  return Object.fromEntries(entries)
}

function networkOf(it: Findings, field: Field): Service['networkMode'] {
  const text = textOf(it, field)
  if (text === undefined || text === 'none' || text === 'bridge') return text
  // compose-host.ts reads it.
  if (text === 'host' && it.mayReach) return undefined
  const message = 'it shares the network of the device or of another container; use bridge or none, and publish ports'
  return report(it, field.path, 'host_access', message)
}

function restartOf(it: Findings, field: Field): Service['restart'] | undefined {
  // [YAML 1.1] `no` without quotation marks was false.
  const value = field.value === false ? 'no' : field.value
  return wordOf(it, { ...field, value }, ['no', 'on-failure', 'always', 'unless-stopped'])
}

/** The limits under `deploy`, or in the older fields of the service. A service without limits gets the default ones. */
function resourcesOf(it: Findings, map: Readonly<Record<string, unknown>>, { path }: Field): Resources {
  const limits = limitsOf(it, { value: map.deploy, path: [...path, 'deploy'] })
  const oneOf = <Value>(
    [older, newer]: readonly [string, string],
    parse: (it: Findings, field: Field) => Value | undefined,
  ): Value | undefined => {
    if (map[older] !== undefined && limits.map[newer] !== undefined) {
      const place = [...limits.path, newer].join('.')
      return report(it, [...path, older], 'value_invalid', `${place} limits it too; delete one of the two`)
    }
    if (map[older] !== undefined) return parse(it, { value: map[older], path: [...path, older] })
    return limits.map[newer] === undefined
      ? undefined
      : parse(it, { value: limits.map[newer], path: [...limits.path, newer] })
  }
  return {
    memoryBytes: oneOf(['mem_limit', 'memory'], bytesOf) ?? RESOURCES_DEFAULT.memoryBytes,
    cpus: oneOf(['cpus', 'cpus'], numberOf) ?? RESOURCES_DEFAULT.cpus,
    pids: oneOf(['pids_limit', 'pids'], numberOf) ?? RESOURCES_DEFAULT.pids,
  }
}

function limitsOf(it: Findings, deploy: Field) {
  const below = (field: Field, name: string): Field => {
    const map = field.value === undefined || field.value === null ? undefined : mapOf(it, field)
    if (map && (name === 'resources' || name === 'limits')) {
      checkFields(it, name === 'resources' ? 'deploy' : 'resources', map, field.path)
    }
    return { value: map?.[name], path: [...field.path, name] }
  }
  const limits = below(below(deploy, 'resources'), 'limits')
  const map = limits.value === undefined || limits.value === null ? {} : (mapOf(it, limits) ?? {})
  checkFields(it, 'limits', map, limits.path)
  return { map, path: limits.path }
}
