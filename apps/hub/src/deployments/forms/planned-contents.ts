/** Planned contents: the files that each device of a plan will have, and the bytes of them that it has already. */
import type { DeploymentPlan } from '@skerry/contract/deployments/deployment'
import { GOLDEN_PATH } from '@skerry/contract/devices/golden'
import type { Digest } from '@skerry/contract/values/digest'
import type { BuildId, DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import type { ClassForm } from '../../builds/class-form-store.ts'
import { buildContent } from '../../builds/resolve-build.ts'
import { versionMemoryBytes } from '../../models/kinds/kinds.ts'
import { filesOf, resolveVersion } from '../../models/version-store.ts'
import type { Db } from '../../store/store.ts'
import type { DeploymentInForce } from '../deployment-store.ts'
import type { PickedDevice } from '../population.ts'

type Planned = Pick<
  DeploymentInForce,
  'organisationId' | 'deployable' | 'version' | 'buildId' | 'sizeBytes' | 'forms' | 'parts'
>
type WantedFile = { path: string; digest: Digest; sizeBytes: number }

/** One form of the version: a build of some classes, or the form that all other devices get. */
export type PlannedContent = {
  form: ClassForm | undefined
  sizeBytes: number
  /** The size of the files that a runtime loads, or the memory that the kind knows of. */
  modelBytes: number
  files: readonly WantedFile[]
}

export type PlannedContents = { all: readonly PlannedContent[]; of(device: PickedDevice): PlannedContent }

/** The contents of a deployment: few, however many devices it has. */
export async function plannedContents(db: Db, planned: Planned): Promise<PlannedContents> {
  const wanted = await wantedFiles(db, planned)
  const sizeBytes = planned.parts.length > 0 ? sumOf(wanted.files) : planned.sizeBytes
  const plain = contentOf(wanted.files, { form: undefined, sizeBytes })
  const common = { ...plain, modelBytes: wanted.memoryBytes ?? plain.modelBytes }
  const byBuild = new Map<BuildId, PlannedContent>()
  for (const form of planned.forms) {
    if (byBuild.has(form.build)) continue
    const files = (await buildContent(db, form.build))?.files ?? []
    byBuild.set(form.build, contentOf(files, { form, sizeBytes: form.sizeBytes }))
  }
  const of = ({ form }: PickedDevice) => (form && byBuild.get(form.build)) ?? common
  return { all: [common, ...byBuild.values()], of }
}

const sumOf = (files: readonly WantedFile[]) => files.reduce((sum, file) => sum + file.sizeBytes, 0)

const contentOf = (files: readonly WantedFile[], form: Pick<PlannedContent, 'form' | 'sizeBytes'>): PlannedContent => ({
  ...form,
  files,
  modelBytes: files.reduce((sum, { path, sizeBytes }) => sum + (path === GOLDEN_PATH ? 0 : sizeBytes), 0),
})

/** The files that each device without a form of its class will have: of the build, or of the version itself. */
async function wantedFiles(
  db: Db,
  { organisationId, deployable, version, buildId, parts }: Planned,
): Promise<{ files: WantedFile[]; memoryBytes?: number | undefined }> {
  if (buildId !== undefined) return { files: (await buildContent(db, buildId))?.files ?? [] }
  if (parts.length > 0) return { files: await filesOfParts(db, organisationId, parts) }
  const found = await resolveVersion(db, { organisationId, name: deployable }, String(version))
  if (!found.ok) return { files: [] }
  return { files: await filesOf(db, found.version.id), memoryBytes: versionMemoryBytes(found.version) }
}

/** All files of a system. A file of two parts moves once. */
async function filesOfParts(db: Db, organisationId: OrganisationId, parts: Planned['parts']): Promise<WantedFile[]> {
  const files = new Map<Digest, WantedFile>()
  for (const { name, version } of parts) {
    const found = await resolveVersion(db, { organisationId, name }, String(version))
    for (const file of found.ok ? await filesOf(db, found.version.id) : []) files.set(file.digest, file)
  }
  return [...files.values()]
}

/** The maximum of names in a list; the contract cuts its lists there. */
const NAMES_MAX = 500

/** The forms that the picked devices get, those of most devices first. */
export function plannedForms(
  picked: readonly PickedDevice[],
  { of }: PlannedContents,
): NonNullable<DeploymentPlan['forms']> {
  const groups = Map.groupBy(picked, ({ hardwareClass, form }) => `${hardwareClass ?? ''} ${form?.build ?? ''}`)
  const forms = [...groups.values()].flatMap((devices) => {
    const [first] = devices
    if (!first) return []
    const { hardwareClass, form } = first
    return [
      {
        ...(form && { build: form.build, recipe: form.recipe }),
        ...(hardwareClass !== undefined && { hardwareClass }),
        sizeBytes: of(first).sizeBytes,
        count: devices.length,
        devices: devices.slice(0, NAMES_MAX).map(({ deviceId, name, site }) => ({ id: deviceId, name, site })),
      },
    ]
  })
  return forms.sort((a, b) => b.count - a.count)
}

/**
 * The bytes of its content that a device holds already, because it serves a version or a build with the same files.
 */
export async function heldBytes(
  db: Db,
  organisationId: OrganisationId,
  contents: PlannedContents,
): Promise<(device: PickedDevice) => number> {
  const digests = [...new Set(contents.all.flatMap(({ files }) => files.map(({ digest }) => digest)))]
  if (digests.length === 0) return () => 0
  const [versions, builds] = await Promise.all([
    servedVersionFiles(db, organisationId, digests).execute(),
    servedBuildFiles(db, organisationId, digests).execute(),
  ])
  const held = new Map<DeviceId, Set<Digest>>()
  for (const { device_id, digest } of [...versions, ...builds])
    held.set(device_id, (held.get(device_id) ?? new Set()).add(digest))
  return (device) => {
    const has = held.get(device.deviceId)
    if (!has) return 0
    return contents.of(device).files.reduce((sum, { digest, sizeBytes }) => sum + (has.has(digest) ? sizeBytes : 0), 0)
  }
}

const servedVersionFiles = (db: Db, organisationId: OrganisationId, digests: readonly Digest[]) =>
  db
    .selectFrom('version_files as file')
    .innerJoin('versions as holding', 'holding.id', 'file.version_id')
    .innerJoin('device_items as item', (join) =>
      join
        .onRef('item.organisation_id', '=', 'holding.organisation_id')
        .onRef('item.serving_digest', '=', 'holding.digest'),
    )
    .select(['item.device_id', 'file.digest'])
    .distinct()
    .where('file.organisation_id', '=', organisationId)
    .where('file.digest', 'in', digests)

const servedBuildFiles = (db: Db, organisationId: OrganisationId, digests: readonly Digest[]) =>
  db
    .selectFrom('build_files as file')
    .innerJoin('builds as holding', 'holding.id', 'file.build_id')
    .innerJoin('device_items as item', (join) =>
      join
        .onRef('item.organisation_id', '=', 'holding.organisation_id')
        .onRef('item.serving_digest', '=', 'holding.digest'),
    )
    .select(['item.device_id', 'file.digest'])
    .distinct()
    .where('file.organisation_id', '=', organisationId)
    .where('file.digest', 'in', digests)
