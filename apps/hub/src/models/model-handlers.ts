/** Handlers of the procedures that push and show models and their versions. */

import { permissionsOfCaller } from '@skerry/core/people/access'
import { findBuild } from '../builds/build-store.ts'
import { type HandlersOf, os, type VerbOf } from '../http/implementer.ts'
import { pageFrom } from '../http/page.ts'
import { problem } from '../http/problem.ts'
import { compareVersions } from './compare-versions.ts'
import { convertFile } from './conversion/convert-file.ts'
import { bomOf } from './kinds/kinds.ts'
import { knownVersion } from './known-version.ts'
import { type ChildKey, listDescendants } from './lineage-store.ts'
import { pushModel } from './push-model.ts'
import { sbomOfBuild } from './version-sbom.ts'
import { findModel, listModels, listVersions, newestVersions } from './version-store.ts'
import { deploymentsUsing, listServing, servingByModel, servingByVersion, servingSilent } from './version-use.ts'
import { modelOf, versionDetailOf, versionOf } from './version-view.ts'

/** Versions that fit a screen; a caller requests older ones by number. */
const VERSIONS_SHOWN = 50

/** model-change-handlers.ts has the changes of models that exist. */
type Verb = Exclude<VerbOf<'model'>, 'remove' | 'removeVersion' | 'setAlias' | 'removeAlias'>

export const modelHandlers: HandlersOf<'model', Verb> = {
  push: os.model.push.handler(({ context, input, signal }) => {
    // A thread has checked large golden inputs, which come beside the input.
    const { golden = input.golden } = context.entry.prepared
    const permissions = permissionsOfCaller(context.caller)
    return pushModel({ ...context, permissions }, { ...input, golden }, signal)
  }),
  convert: os.model.convert.handler(({ context, input: { digest }, signal }) =>
    convertFile(context, digest, AbortSignal.any([context.hub.signal, ...(signal ? [signal] : [])])),
  ),
  list: os.model.list.handler(async ({ context: { hub, organisationId }, input: { limit, after, kind } }) => {
    const { db } = hub.store
    const rows = await listModels(db, { organisationId, limit: limit + 1, after, kind })
    const names = rows.map(({ name }) => name)
    const serving = await servingByModel(db, { organisationId, names, nowMs: hub.clock.nowMs() })
    const models = rows.map(async (row) => ({ ...(await modelOf(db, row)), running: serving.get(row.name) ?? [] }))
    return pageFrom(await Promise.all(models), limit, (model) => model.name)
  }),
  get: os.model.get.handler(async ({ context: { hub, organisationId }, input: { name } }) => {
    const { db } = hub.store
    const key = { organisationId, name }
    const row = await findModel(db, key)
    if (!row) throw problem('model_unknown')
    const versions = await newestVersions(db, key, VERSIONS_SHOWN)
    return {
      deployable: { ...(await modelOf(db, row)), running: await servingByVersion(db, key, hub.clock.nowMs()) },
      versions: await Promise.all(versions.map((each) => versionOf(db, each))),
      usedBy: await deploymentsUsing(db, key),
    }
  }),
  versions: os.model.versions.handler(async ({ context: { hub, organisationId }, input: { name, limit, after } }) => {
    const { db } = hub.store
    const key = { organisationId, name }
    if (!(await findModel(db, key))) throw problem('model_unknown')
    const rows = await listVersions(db, key, { limit: limit + 1, before: after })
    const shown = await Promise.all(rows.map((each) => versionOf(db, each)))
    return pageFrom(shown, limit, ({ version }) => String(version))
  }),
  serving: os.model.serving.handler(async ({ context: { hub, organisationId }, input: { name } }) => {
    const { db } = hub.store
    const key = { organisationId, name }
    if (!(await findModel(db, key))) throw problem('model_unknown')
    return { rows: await servingByVersion(db, key, hub.clock.nowMs()) }
  }),
  getVersion: os.model.getVersion.handler(async ({ context: { hub, organisationId }, input: { name, version } }) => {
    const { db } = hub.store
    const row = await knownVersion(db, { organisationId, name }, version)
    const silent = await servingSilent(db, row, hub.clock.nowMs())
    return { ...(await versionDetailOf(db, row)), ...(silent > 0 && { servingSilent: silent }) }
  }),
  sbom: os.model.sbom.handler(async ({ context: { hub, organisationId }, input: { name, version, build: id } }) => {
    const { db } = hub.store
    const row = await knownVersion(db, { organisationId, name }, version)
    const detail = await versionDetailOf(db, row)
    const bom = bomOf(detail, row, hub.config.version)
    if (!bom) throw problem('version_not_model')
    if (id === undefined) return bom
    const build = await findBuild(db, organisationId, id)
    if (build?.name !== name || build.version !== row.version) throw problem('build_unknown')
    return sbomOfBuild(bom, build)
  }),
  compare: os.model.compare.handler(async ({ context, input: { name, version, inputsOf }, signal }) => {
    const { hub, organisationId } = context
    const key = { organisationId, name }
    const compared = {
      version: await knownVersion(hub.store.db, key, version),
      inputsOf: await knownVersion(hub.store.db, key, inputsOf),
    }
    return compareVersions(context, compared, signal ?? hub.signal)
  }),
  servingDevices: os.model.servingDevices.handler(
    async ({ context: { hub, organisationId }, input: { name, version, limit, after } }) => {
      const { db } = hub.store
      const row = await knownVersion(db, { organisationId, name }, version)
      const rows = await listServing(db, row, { limit: limit + 1, after, nowMs: hub.clock.nowMs() })
      return pageFrom(rows, limit, ({ id }) => id)
    },
  ),
  descendants: os.model.descendants.handler(
    async ({ context: { hub, organisationId }, input: { name, version, limit, after } }) => {
      const { db } = hub.store
      const row = await knownVersion(db, { organisationId, name }, version)
      const rows = await listDescendants(db, row, { limit: limit + 1, after: childKeyOf(after) })
      return pageFrom(rows, limit, ({ name, version }) => `${name}:${version}`)
    },
  ),
}

/** `NAME:3`, as `next` of the page before has it. */
function childKeyOf(after: string | undefined): ChildKey | undefined {
  if (after === undefined) return undefined
  const [, name, version] = /^([a-z0-9-]{1,63}):([1-9][0-9]{0,8})$/.exec(after) ?? []
  if (name === undefined) throw problem('input_invalid', 'after must be the value of next from an earlier page')
  return { name, version: Number(version) }
}
