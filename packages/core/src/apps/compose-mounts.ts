/** Compose mounts: named volumes and temporary file systems of a service. Folders of the device are rejected. */
import { type AppVolume, ContainerPath } from '@skerry/contract/apps/app'
import { Name } from '@skerry/contract/values/names'
import { checkFields } from './compose-fields.ts'
import {
  type ComposePath,
  type Field,
  type Findings,
  flagOf,
  listOf,
  mapOf,
  report,
  textOf,
} from './compose-findings.ts'

const HOST_PATH =
  'it is a path of the device, which an app must not mount; use a named volume, and declare it under volumes'
const SOCKET = 'the socket of the container engine gives the container the whole device; delete the volume'

/** Both forms: `data:/var/lib/data:ro`, and a map. */
export function volumesOf(it: Findings, field: Field, declared: ReadonlySet<string>): AppVolume[] | undefined {
  const volumes = listOf(it, field)?.map((each) => volumeOf(it, each, declared))
  return volumes?.flatMap((volume) => (volume ? [volume] : []))
}

function volumeOf(it: Findings, field: Field, declared: ReadonlySet<string>): AppVolume | undefined {
  const parts = mountParts(it, field)
  if (!parts) return undefined
  const { source, target: targetText, readOnly, path } = parts
  if (source === undefined) {
    return report(it, path, 'field_unsupported', 'a volume without a name is lost with its container; give it a name')
  }
  if (/docker\.sock|podman\.sock|containerd\.sock/.test(`${source} ${targetText}`)) {
    return report(it, path, 'host_access', SOCKET)
  }
  if (isHostPath(source)) return it.mayReach ? undefined : report(it, path, 'host_access', HOST_PATH)
  const name = Name.safeParse(source)
  if (!name.success) return report(it, path, 'value_invalid', `the name ${source} ${firstIssue(name.error)}`)
  if (!declared.has(source)) {
    return report(it, path, 'reference_unknown', `there is no volume ${source}; declare it under volumes of the file`)
  }
  const target = targetOf(it, { value: targetText, path })
  return target === undefined ? undefined : { name: name.data, target, ...(readOnly && { readOnly }) }
}

/** Both forms of a mount. Undefined, with a problem, for another value. */
export const mountParts = (it: Findings, field: Field): MountParts | undefined =>
  typeof field.value === 'string' ? shortVolume(it, field) : longVolume(it, field)

/** Whether the source of a mount is a path of the machine, of any system. */
export const isHostPath = (source: string): boolean => /^[./~\\]|^[A-Za-z]:|\//.test(source)

export type MountParts = { source: string | undefined; target: string; readOnly: boolean; path: ComposePath }

function shortVolume(it: Findings, field: Field): MountParts | undefined {
  const text = textOf(it, field)
  if (text === undefined) return undefined
  const { path } = field
  const [first = '', second, mode, ...rest] = text.split(':')
  if (second === undefined) return { source: undefined, target: first, readOnly: false, path }
  if (rest.length > 0 || (mode !== undefined && mode !== 'ro' && mode !== 'rw')) {
    return report(it, path, 'value_invalid', 'must be NAME:/PATH, NAME:/PATH:ro or NAME:/PATH:rw')
  }
  return { source: first, target: second, readOnly: mode === 'ro', path }
}

function longVolume(it: Findings, field: Field): MountParts | undefined {
  const map = mapOf(it, field)
  if (!map) return undefined
  const { path } = field
  checkFields(it, 'mount', map, path)
  const at = (name: string): Field => ({ value: map[name], path: [...path, name] })
  const type = textOf(it, { ...at('type'), value: map.type ?? 'volume' })
  const source = map.source === undefined ? undefined : textOf(it, at('source'))
  if (type === 'bind' && !it.mayReach) return report(it, [...path, 'source'], 'host_access', HOST_PATH)
  if (type !== 'volume' && type !== 'bind') return report(it, [...path, 'type'], 'field_unsupported', 'must be volume')
  const target = textOf(it, at('target'))
  if (target === undefined) return undefined
  const readOnly = map.read_only === undefined ? false : flagOf(it, at('read_only'))
  return { source, target, readOnly: readOnly === true, path }
}

/** One path, or a list of them. */
export function tmpfsOf(it: Findings, field: Field): string[] | undefined {
  const each = typeof field.value === 'string' ? [field] : listOf(it, field)
  return each?.flatMap((one) => targetOf(it, one) ?? [])
}

/** The kernel shows itself below these paths. A mount there would hide or replace it. */
const KERNEL_PATHS = /^\/(proc|sys|dev)(\/|$)/

/** A path of the container that something can be mounted at. */
export function targetOf(it: Findings, field: Field): string | undefined {
  const text = textOf(it, field)
  if (text === undefined) return undefined
  const parsed = ContainerPath.safeParse(text)
  if (!parsed.success) return report(it, field.path, 'value_invalid', `the path ${text} ${firstIssue(parsed.error)}`)
  if (!KERNEL_PATHS.test(text)) return text
  return report(it, field.path, 'host_access', `the kernel shows itself below ${text}; mount it at another path`)
}

/** The names under `volumes` of the file. */
export function declaredVolumes(it: Findings, field: Field): Set<string> {
  const map = field.value === undefined ? {} : (mapOf(it, field) ?? {})
  for (const [name, value] of Object.entries(map)) {
    const path = [...field.path, name]
    const settings = value === null ? {} : mapOf(it, { value, path })
    if (settings) checkFields(it, 'volume', settings, path)
  }
  return new Set(Object.keys(map))
}

const firstIssue = ({ issues: [issue] }: { issues: { message: string }[] }) => issue?.message ?? 'is not valid'
