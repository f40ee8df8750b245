/** Procedures on models, their versions and aliases. */
import { os } from '../http/implementer.ts'
import { pageFrom } from '../http/page.ts'
import { problem, throwProblem } from '../http/problem.ts'
import type { VersionTable } from '../store/foundation-tables.ts'
import type { Db } from '../store/store.ts'
import { pushModel } from './push-model.ts'
import {
  aliasesOf,
  deleteAlias,
  deleteModel,
  deleteVersion,
  findModel,
  isDeployed,
  listModels,
  type ModelKey,
  newestVersions,
  resolveVersion,
  setAlias,
} from './version-store.ts'
import { modelOf, versionDetailOf, versionOf } from './version-view.ts'

/** What fits a screen; older ones are asked for by number. */
const VERSIONS_SHOWN = 50

export const modelHandlers = {
  push: os.model.push.handler(({ context, input, signal }) => pushModel(context, input, signal)),
  list: os.model.list.handler(async ({ context: { hub, organisationId }, input: { limit, after } }) => {
    const { db } = hub.store
    const rows = await listModels(db, { organisationId, limit: limit + 1, after })
    return pageFrom(await Promise.all(rows.map((row) => modelOf(db, row))), limit, (model) => model.name)
  }),
  get: os.model.get.handler(async ({ context: { hub, organisationId }, input: { model } }) => {
    const { db } = hub.store
    const key = { organisationId, model }
    const row = await findModel(db, key)
    if (!row) throw problem('model_unknown')
    const versions = await newestVersions(db, key, VERSIONS_SHOWN)
    return { model: await modelOf(db, row), versions: await Promise.all(versions.map((each) => versionOf(db, each))) }
  }),
  getVersion: os.model.getVersion.handler(async ({ context: { hub, organisationId }, input: { model, version } }) => {
    const { db } = hub.store
    return versionDetailOf(db, await knownVersion(db, { organisationId, model }, version))
  }),
  remove: os.model.remove.handler(({ context: { hub, organisationId, change }, input: { model } }) =>
    change(async (tx, note) => {
      const key = { organisationId, model }
      if (!(await findModel(tx, key))) throw problem('model_unknown')
      if (await isDeployed(tx, key)) throw problem('model_in_use')
      const versions = (await newestVersions(tx, key, Number.MAX_SAFE_INTEGER)).length
      await deleteModel(tx, key, hub.clock.nowMs())
      note.detail = { versions }
      return { versions }
    }),
  ),
  removeVersion: os.model.removeVersion.handler(({ context: { organisationId, change }, input: { model, version } }) =>
    change(async (tx, note) => {
      const key = { organisationId, model }
      const row = await knownVersion(tx, key, version)
      note.detail = { version: row.version, digest: row.digest }
      const aliases = [...(await aliasesOf(tx, key)).values()]
      if (aliases.includes(row.version) || (await isDeployed(tx, key, row.version))) throw problem('version_in_use')
      await deleteVersion(tx, row.id)
      return {}
    }),
  ),
  setAlias: os.model.setAlias.handler(({ context: { organisationId, change }, input: { model, alias, version } }) =>
    change(async (tx, note) => {
      const key = { organisationId, model }
      const row = await knownVersion(tx, key, version)
      const previous = (await aliasesOf(tx, key)).get(alias)
      await setAlias(tx, key, alias, row.version)
      const moved = { version: row.version, ...(previous === undefined ? {} : { previous }) }
      note.detail = moved
      return moved
    }),
  ),
  removeAlias: os.model.removeAlias.handler(({ context: { organisationId, change }, input: { model, alias } }) =>
    change(async (tx) => {
      const key = { organisationId, model }
      if (!(await findModel(tx, key))) throw problem('model_unknown')
      if (!(await deleteAlias(tx, key, alias))) throw problem('alias_unknown')
      return {}
    }),
  ),
}

async function knownVersion(db: Db, key: ModelKey, reference: string): Promise<VersionTable> {
  const resolved = await resolveVersion(db, key, reference)
  return resolved.ok ? resolved.version : throwProblem(resolved)
}
