/** The noun of the settings of devices. */
import { settingsTag } from '@skerry/contract/values/entity-tag'
import type { FindTag, Noun } from '../nouns/noun.ts'
import { ownerOf } from '../secrets/secret-store.ts'
import { settingsHandlers } from './settings-handlers.ts'
import { findLayer } from './settings-store.ts'

type Handlers = { settings: typeof settingsHandlers }

const handlers: Handlers = { settings: settingsHandlers }

const findSettingsTag: FindTag = async ({ db, organisationId, named }) => {
  const owner = await ownerOf(db, organisationId, named('settings'))
  const layer = owner && (await findLayer(db, organisationId, owner))
  return layer && settingsTag(layer)
}

export const settingsNoun = {
  handlers,
  purge: [
    ['device_settings', ['device_id']],
    ['settings_layers', ['organisation_id', 'owner']],
    ['site_downloads', ['site_id']],
  ],
  entityTags: { settings: findSettingsTag },
} satisfies Noun
