/** Devices, and what they report. */
import { deviceTag } from '@skerry/contract/values/entity-tag'
import type { FindTag, IsInScope, Noun } from '../nouns/noun.ts'
import { isDeviceIn } from '../scopes/scope-rows.ts'
import { deviceHandlers, deviceStandingHandlers } from './device-handlers.ts'
import { findDevice } from './device-store.ts'

const findDeviceTag: FindTag = async ({ db, organisationId, named }) => {
  const device = await findDevice(db, organisationId, named('device'))
  return device && deviceTag(device)
}

const isKnownDeviceIn: IsInScope = async ({ db, organisationId, scope }, reference) => {
  const row = await findDevice(db, organisationId, reference)
  return row !== undefined && isDeviceIn(scope, row)
}

type Handlers = { device: typeof deviceHandlers & typeof deviceStandingHandlers }

const handlers: Handlers = { device: { ...deviceHandlers, ...deviceStandingHandlers } }

export const deviceNoun = {
  handlers,
  purge: [
    ['device_events', ['device_id', 'sequence']],
    ['device_items', ['device_id', 'name']],
    ['device_retries', ['device_id', 'deployment_id']],
    ['device_reports', ['device_id']],
    ['device_duplicates', ['device_id']],
    ['devices', ['id']],
  ],
  entityTags: { device: findDeviceTag },
  inScope: { device: isKnownDeviceIn },
  raises: { device: ['devices', 'sites', 'tokens'] },
} satisfies Noun
