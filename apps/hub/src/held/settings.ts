/** The settings that a device should have, and the facts that it reads because of them. */
import { type HeldSettings, SETTINGS, type SettingsDocument } from '@skerry/contract/held/settings'
import { newSettings } from '../settings/device-settings.ts'
import { factValues, keepSaid, saidOf } from '../settings/settings-store.ts'
import { AGAIN_MS, findActiveDevice, type HeldDocument } from './held-document.ts'

export const settingsHeld: HeldDocument<SettingsDocument, HeldSettings> = {
  kind: SETTINGS,
  wakes: ['settings.changed', 'device.changed'],
  async next({ store }, connection, held) {
    const device = await findActiveDevice(store.db, connection)
    const document = device && (await newSettings(store.db, device, held.revision))
    return document && { document, standing: { ...held, revision: document.revision } }
  },
  revision: ({ revision }) => revision,
  againMs: AGAIN_MS,
  record: {
    async findNews(db, { deviceId }, held) {
      const known = await saidOf(db, deviceId)
      const isMoved = factsText(known) !== factsText(held)
      if (isMoved) return 'selection'
      if (known?.revision !== held.revision || (known && stateText(known) !== stateText(held))) return 'state'
      if (!known) return 'none'
      return timesText(known) === timesText(held) ? 'none' : 'figures'
    },
    write: keepSaid,
  },
}

/** A device that never had settings has no record, and no facts. Records of older hubs have no results of the machine. */
const factsText = (held: Pick<HeldSettings, 'facts'> | undefined) => JSON.stringify(held ? factValues(held) : {})

const stateText = ({ overrides, checks, system = [], proxy }: HeldSettings) =>
  JSON.stringify([
    overrides,
    checks.map(({ target, problem }) => [target, problem]),
    [...system, ...(proxy ? [proxy] : [])].map(({ setting, state, problem }) => [setting, state, problem]),
  ])

const timesText = ({ facts, checks }: HeldSettings) => JSON.stringify([facts, checks])
