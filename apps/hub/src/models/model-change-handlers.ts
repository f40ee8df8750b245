/** Handlers of the procedures that remove models and versions, and that move aliases. */
import { os } from '../http/implementer.ts'
import { problem } from '../http/problem.ts'
import { systemsUsing } from '../systems/part-store.ts'
import { knownVersion } from './known-version.ts'
import {
  aliasesOf,
  deleteAlias,
  deleteModel,
  deleteVersion,
  findModel,
  newestVersions,
  setAlias,
} from './version-store.ts'
import { deploymentsUsing } from './version-use.ts'

export const modelChangeHandlers = {
  remove: os.model.remove.handler(({ context: { hub, organisationId, change }, input: { name } }) =>
    change(async (tx, note) => {
      const key = { organisationId, name }
      if (!(await findModel(tx, key))) throw problem('model_unknown')
      const deployments = await deploymentsUsing(tx, key)
      const systems = await systemsUsing(tx, key)
      if (deployments.length + systems.length > 0)
        throw problem('model_in_use', inUse([users('deployment', deployments), users('system', systems)]), {
          deployments,
        })
      const versions = (await newestVersions(tx, key, Number.MAX_SAFE_INTEGER)).length
      await deleteModel(tx, key, hub.clock.nowMs())
      note.detail = { versions }
      return { versions }
    }),
  ),
  removeVersion: os.model.removeVersion.handler(({ context: { organisationId, change }, input: { name, version } }) =>
    change(async (tx, note) => {
      const key = { organisationId, name }
      const row = await knownVersion(tx, key, version)
      note.detail = { version: row.version, digest: row.digest }
      const deployments = await deploymentsUsing(tx, key, row.version)
      const aliases = [...(await aliasesOf(tx, key))].flatMap(([alias, version]) =>
        version === row.version ? alias : [],
      )
      const systems = await systemsUsing(tx, key, row.version)
      const uses = [users('deployment', deployments), users('alias', aliases), users('system', systems)]
      if (deployments.length + aliases.length + systems.length > 0)
        throw problem('version_in_use', inUse(uses), { deployments, aliases })
      await deleteVersion(tx, row.id)
      return {}
    }),
  ),
  setAlias: os.model.setAlias.handler(({ context: { organisationId, change }, input: { name, alias, version } }) =>
    change(async (tx, note) => {
      const key = { organisationId, name }
      const row = await knownVersion(tx, key, version)
      const previous = (await aliasesOf(tx, key)).get(alias)
      await setAlias(tx, key, alias, row.version)
      const moved = { version: row.version, ...(previous === undefined ? {} : { previous }) }
      note.detail = moved
      return moved
    }),
  ),
  removeAlias: os.model.removeAlias.handler(({ context: { organisationId, change }, input: { name, alias } }) =>
    change(async (tx) => {
      const key = { organisationId, name }
      if (!(await findModel(tx, key))) throw problem('model_unknown')
      if (!(await deleteAlias(tx, key, alias))) throw problem('alias_unknown')
      return {}
    }),
  ),
}

/** `deployments a, b`; empty if there are none. */
const PLURALS = { alias: 'aliases', deployment: 'deployments', system: 'systems' } as const

const users = (noun: keyof typeof PLURALS, names: readonly string[]): string => {
  if (names.length === 0) return ''
  return `the ${names.length === 1 ? noun : PLURALS[noun]} ${names.join(', ')}`
}

const inUse = (parts: readonly string[]): string =>
  `it is in use by ${parts.filter((part) => part !== '').join(' and ')}; move or remove those first`
