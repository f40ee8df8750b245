/** Class forms: the builds that a revision gives to classes of hardware, with what a device needs to have one. */
import type { Recipe } from '@skerry/contract/builds/build'
import type { ClassBuild } from '@skerry/contract/builds/measurement'
import type { Inventory } from '@skerry/contract/devices/device'
import type { Digest } from '@skerry/contract/values/digest'
import type { BuildId, DeviceId } from '@skerry/contract/values/ids'
import { hardwareClassOf } from '@skerry/core/devices/hardware-class'
import { fromJson, type Json } from '../store/json-column.ts'
import { padded } from '../store/many-rows.ts'
import type { Db } from '../store/store.ts'

export type ClassForm = ClassBuild & { recipe: Recipe; digest: Digest; sizeBytes: number }

/** The forms of several revisions at once. Revisions that ask for no best build cost no query. */
export async function formsOf(
  db: Db,
  revisions: readonly (readonly ClassBuild[] | undefined)[],
): Promise<(choices: readonly ClassBuild[] | undefined) => ClassForm[]> {
  const ids = new Set(revisions.flatMap((choices) => choices?.map(({ build }) => build) ?? []))
  const builds = await formsById(db, [...ids])
  return (choices = []) =>
    choices.flatMap((choice) => {
      const form = builds.get(choice.build)
      return form ? [{ ...choice, ...form }] : []
    })
}

async function formsById(db: Db, ids: readonly BuildId[]): Promise<Map<BuildId, Omit<ClassForm, keyof ClassBuild>>> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .selectFrom('builds')
    .select(['id', 'recipe', 'digest', 'size_bytes'])
    .where('id', 'in', padded(ids))
    .execute()
  return new Map(rows.map(({ id, recipe, digest, size_bytes }) => [id, { recipe, digest, sizeBytes: size_bytes }]))
}

/** The class of a device by its last report. */
export const classOfInventory = (inventory: Json<Inventory> | null): string | undefined =>
  inventory === null ? undefined : hardwareClassOf(fromJson(inventory))

/** The classes of these devices by their last reports. A device of an unknown class is absent. */
export async function hardwareClasses(db: Db, ids: readonly DeviceId[]): Promise<Map<DeviceId, string>> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .selectFrom('device_reports')
    .select(['device_id', 'inventory'])
    .where('device_id', 'in', padded(ids))
    .execute()
  return new Map(
    rows.flatMap(({ device_id, inventory }) => {
      const hardwareClass = classOfInventory(inventory)
      return hardwareClass === undefined ? [] : [[device_id, hardwareClass] as const]
    }),
  )
}
