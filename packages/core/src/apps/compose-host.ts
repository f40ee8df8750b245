/**
 * Compose host: the fields of a service that reach into the device. They are read only if the person said so; otherwise
 * compose-fields.ts rejects each of them by its name.
 */
import { HostAccess } from '@skerry/contract/apps/host-access'
import { type Field, type Findings, flagOf, listOf, mapOf, report, textOf, wordOf } from './compose-findings.ts'
import { isHostPath, mountParts, targetOf } from './compose-mounts.ts'
import { wordsOf } from './compose-values.ts'

/** Undefined if the service reaches into nothing. */
export function hostAccessOf(it: Findings, map: Readonly<Record<string, unknown>>, path: Field['path']) {
  if (!it.mayReach) return undefined
  const read = <Value>(key: string, parse: (it: Findings, field: Field) => Value | undefined): Value | undefined =>
    map[key] === undefined || map[key] === null ? undefined : parse(it, { value: map[key], path: [...path, key] })
  const access = {
    devices: read('devices', devicesOf),
    gpus: read('gpus', gpusOf) ?? reservedGpus(it, map, path),
    runtime: read('runtime', (findings, field) => wordOf(findings, field, ['nvidia'])),
    folders: read('volumes', foldersOf),
    capabilities: read('cap_add', (findings, field) =>
      wordsOf(findings, field)?.map((name) => name.replace(/^CAP_/, '')),
    ),
    hostNetwork: map.network_mode === 'host' ? true : undefined,
    privileged: read('privileged', flagOf) || undefined,
  }
  const present = Object.fromEntries(
    Object.entries(access).filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0)),
  )
  if (Object.keys(present).length === 0) return undefined
  const parsed = HostAccess.safeParse(present)
  if (parsed.success) return parsed.data
  for (const { path: at, message } of parsed.error.issues)
    report(it, [...path, COMPOSE_NAMES[String(at[0])] ?? String(at[0])], 'value_invalid', message)
  return undefined
}

const COMPOSE_NAMES: Readonly<Record<string, string>> = { folders: 'volumes', capabilities: 'cap_add' }

/** `/dev/a`, `/dev/a:/dev/b` or `/dev/a:/dev/b:rw`. */
function devicesOf(it: Findings, field: Field) {
  return listOf(it, field)?.flatMap((each) => {
    const text = textOf(it, each)
    if (text === undefined) return []
    const [host = '', container = host, rights = 'rwm'] = text.split(':')
    return [{ host, container, rights }]
  })
}

/** [compose-spec, gpus] `all`, or a list of requests, of which an app has one. */
function gpusOf(it: Findings, field: Field) {
  return field.value === 'all' ? { count: 'all' as const } : requestOf(it, field)
}

function reservedGpus(it: Findings, map: Readonly<Record<string, unknown>>, path: Field['path']) {
  const below = (value: unknown, key: string): unknown =>
    typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined
  const reservations = ['deploy', 'resources', 'reservations'].reduce(below, map as unknown)
  if (typeof reservations !== 'object' || reservations === null) return undefined
  const at = [...path, 'deploy', 'resources', 'reservations']
  for (const name of Object.keys(reservations).filter((one) => one !== 'devices'))
    report(it, [...at, name], 'field_unsupported', 'apps reserve nothing but GPUs; write limits, and delete it')
  const value = below(reservations, 'devices')
  return value === undefined ? undefined : requestOf(it, { value, path: [...at, 'devices'] })
}

function requestOf(it: Findings, field: Field) {
  const [first, ...more] = listOf(it, field) ?? []
  if (!first) return undefined
  const request = mapOf(it, first)
  if (!request) return undefined
  if (more.length > 0) return report(it, field.path, 'field_unsupported', 'a service has one request for GPUs')
  const { driver, count, device_ids: ids, capabilities, ...others } = request
  for (const name of Object.keys(others)) report(it, [...first.path, name], 'field_unsupported', 'delete it')
  if (capabilities !== undefined && JSON.stringify(capabilities) !== '["gpu"]')
    return report(it, [...first.path, 'capabilities'], 'field_unsupported', 'must be [gpu]')
  return {
    ...(driver !== undefined && { driver }),
    ...(count !== undefined && { count }),
    ...(ids !== undefined && { ids }),
  }
}

/** Folders of the device among the volumes. */
function foldersOf(it: Findings, field: Field) {
  return listOf(it, field)?.flatMap((each) => {
    // The named volumes of the list have their problems reported already.
    const parts = mountParts({ problems: [], mayReach: true }, each)
    if (!parts?.source || !isHostPath(parts.source)) return []
    const target = targetOf(it, { value: parts.target, path: each.path })
    if (target === undefined) return []
    return [{ host: parts.source, target, ...(parts.readOnly && { readOnly: true }) }]
  })
}
