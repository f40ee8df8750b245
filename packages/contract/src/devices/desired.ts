/**
 * The whole target state of a device: the document that the hub derives for it and the device obeys.
 *
 * A device reads the document item by item (`readDocument`). An item of an unknown kind, or with a part that the agent
 * cannot read, is rejected alone and reported; all other items apply. So a hub may learn kinds and fields years before
 * its devices do. The device verifies digest and signature over the received bytes, before it reads anything here.
 *
 * Unknown fields of an item are dropped. Three rules prevent that if dropping would be wrong. Windows, probation,
 * shadow rules and all signed content are strict. A newer hub names further fields in `must`. A change of the whole
 * document raises `v`.
 */
import * as z from 'zod'
import { UpdateWindows } from '../deployments/update-window.ts'
import { isKind, kinds, type SpecOf, type VersionKind } from '../kinds/kinds.ts'
import { ModelFile } from '../models/model.ts'
import { Probation, SwitchOver } from '../models/serving.ts'
import { SigstoreBundle } from '../models/signature.ts'
import { ExtraSignatures } from '../models/trust.ts'
import { Clearance } from '../values/clearance.ts'
import { Digest } from '../values/digest.ts'
import { DeploymentId, DeviceId } from '../values/ids.ts'
import { Name } from '../values/names.ts'
import { type Cause, ITEMS_MAX } from './item.ts'

/** All that a device needs to report an item, whatever else is in it. */
export const ItemHead = z.object({
  kind: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/),
  name: Name,
  deploymentId: DeploymentId,
  revision: z.int().min(1),
  version: z.int().min(1),
  /** Names the version's files as a set; a failure is remembered under it. */
  digest: Digest,
  /** Raised by a person to have a remembered failure tried again. */
  retryToken: z.int().min(0),
})
export type ItemHead = z.infer<typeof ItemHead>

/** The fields that items of all kinds share. */
export const CommonItem = ItemHead.extend({
  files: z.array(ModelFile).min(1).max(1_024),
  bundle: SigstoreBundle,
  /** Further signatures of publishers; absent if there are none. */
  signatures: ExtraSignatures.min(1).optional(),
  probation: Probation,
  /** It goes as far as it can without serving, and waits there. */
  hold: z.literal(true).optional(),
  /** After the new version has taken over, the version before stays loaded for this time. */
  keepSeconds: SwitchOver.shape.keepSeconds.unwrap().optional(),
  /** The class of the data of the deployment. The device rejects it above its own limit. */
  dataClass: Clearance.optional(),
  /**
   * The countries and groups of countries in which the data of the deployment stays. The device rejects it elsewhere. No
   * enum: an older agent reads a newer group as a country in which it is not. 50 names are the limit of a policy.
   */
  residency: z.array(z.string().max(63)).min(1).max(50).optional(),
  /** Absent if there are none, or if this is a rollback to a version that ran well. */
  window: UpdateWindows.optional(),
  /** Update locks do not hold it. */
  ignoreLocks: z.boolean().optional(),
  /**
   * Fields that the device must know to run the item, such as `spec.serving.gpu`. A hub names a field here if an agent
   * that drops it would do something that nobody meant. 32 are more than any item will need.
   */
  must: z.array(z.string().max(100)).max(32).optional(),
  /** The kind defines the schema of this part. */
  spec: z.unknown(),
})
type CommonItem = Omit<z.infer<typeof CommonItem>, 'kind' | 'spec'>

export type ItemOf<Kind extends VersionKind> = CommonItem & { kind: Kind; spec: SpecOf<Kind> }

/** One version that the device should run under its name. */
export type DesiredItem = { [Kind in VersionKind]: ItemOf<Kind> }[VersionKind]

const documentFields = {
  v: z.literal(1),
  deviceId: DeviceId,
  /** Assigned by the hub, and only ever rises; a device rejects a lower one. */
  generation: z.int().min(1),
  /** SHA-256 of the canonical JSON of `items`. */
  digest: Digest,
}

/**
 * The document as it is on the wire, and on the device's disk: after an update of the agent, the agent reads its items
 * again.
 */
export const DocumentMessage = z.object({ ...documentFields, items: z.array(z.unknown()).max(ITEMS_MAX) })
export type DocumentMessage = z.infer<typeof DocumentMessage>

/** The document of a hub, which knows all of its items. */
export type DesiredDocument = Omit<DocumentMessage, 'items'> & { items: DesiredItem[] }

/** An item that this agent cannot run. */
export type RejectedItem = {
  cause: Cause & { code: 'kind_unknown' | 'item_unreadable' }
  /** Absent if even the name cannot be read. */
  name?: Name
  /** Absent if it cannot be read. Then the item has no place in a report. */
  head?: ItemHead
}

export type ReadDocument = DesiredDocument & { rejected: RejectedItem[] }

/** The items that this agent can run, and the others. */
export function readDocument({ items, ...document }: DocumentMessage): ReadDocument {
  const results = items.map(readItem)
  return {
    ...document,
    items: results.flatMap((result) => ('item' in result ? [result.item] : [])),
    rejected: results.flatMap((result) => ('rejected' in result ? [result.rejected] : [])),
  }
}

export type ItemReading = { item: DesiredItem } | { rejected: RejectedItem }

export function readItem(input: unknown): ItemReading {
  const head = ItemHead.safeParse(input)
  if (!head.success) return reject(input, 'item_unreadable', placeOf(head.error))
  const { kind } = head.data
  if (!isKind(kind)) return reject(input, 'kind_unknown', `this agent cannot run items of the kind ${kind}`)
  const common = CommonItem.safeParse(input)
  if (!common.success) return reject(input, 'item_unreadable', placeOf(common.error))
  const unknown = common.data.must?.find((path) => !isKnown(path, kind))
  if (unknown !== undefined) return reject(input, 'item_unreadable', `this agent does not know ${unknown}`)
  const spec = kinds[kind].spec.safeParse(common.data.spec)
  if (!spec.success) return reject(input, 'item_unreadable', `spec.${placeOf(spec.error)}`)
  return { item: { ...common.data, kind, spec: spec.data } as DesiredItem }
}

function reject(input: unknown, code: RejectedItem['cause']['code'], why: string): { rejected: RejectedItem } {
  const name = z.object({ name: Name }).safeParse(input).data?.name
  const head = ItemHead.safeParse(input).data
  const message = `${why}; update the agent`.slice(0, 1_000)
  return { rejected: { cause: { code, message }, ...(name && { name }), ...(head && { head }) } }
}

function placeOf({ issues: [issue] }: z.ZodError): string {
  return `${issue?.path.join('.')}: ${issue?.message}`
}

/** Whether this agent knows the field at the path. */
function isKnown(path: string, kind: VersionKind): boolean {
  let schema: z.core.$ZodType | undefined = CommonItem.extend({ spec: kinds[kind].spec })
  for (const field of path.split('.')) {
    const fields: Record<string, z.core.$ZodType> = objectOf(schema)?.shape ?? {}
    schema = Object.hasOwn(fields, field) ? fields[field] : undefined
  }
  return schema !== undefined
}

/** The object inside of an optional schema or a default. */
function objectOf(schema: z.core.$ZodType | undefined): z.ZodObject | undefined {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return objectOf(schema.unwrap())
  return schema instanceof z.ZodObject ? schema : undefined
}
