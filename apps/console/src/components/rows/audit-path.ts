/** Audit path: the page of the object of an audit record. Pure. */
import type { AuditRecord } from '@skerry/contract/audit/audit'

type Path = (id: string) => string

const plain =
  (list: string): Path =>
  (id) =>
    `/${list}/${encodeURIComponent(id)}`

/** `NAME/VERSION` has a page of its own; a name and an alias have the page of the model. */
const versioned: Path = (id) => {
  const [, name = id, version] = /^([^/]+)\/(.+)$/.exec(id) ?? []
  const page = `/models/${encodeURIComponent(name)}`
  return version !== undefined && /^[0-9]+$/.test(version) ? `${page}/versions/${version}` : page
}

/** The object of a command is `DEVICE/MODEL`. */
const ofDevice: Path = (id) => plain('devices')(id.split('/')[0] ?? id)

const PAGES: ReadonlyMap<string, Path> = new Map([
  ['site', plain('sites')],
  ['device', ofDevice],
  ['deployment', plain('deployments')],
  ['rollout', plain('rollouts')],
  ['batch', plain('batches')],
  ['model', versioned],
  ['trust', versioned],
])

/** The page of the object; that of the record if the object has none, or is removed. */
export function auditPath({ object, action, sequence }: Pick<AuditRecord, 'object' | 'action' | 'sequence'>): string {
  const page = object.id === '' || /\.remove/.test(action) ? undefined : PAGES.get(object.kind)
  return page?.(object.id) ?? `/audit?record=${sequence}`
}
