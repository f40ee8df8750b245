import { allRows } from '@skerry/client/page'
import { Channel, ListingVersion, ShortName } from '@skerry/contract/market/listing'
import { command, fits, required, usually, value } from '../../program/command.ts'
import { wrongUsage } from '../../program/failure.ts'
import type { Session } from '../../program/session.ts'
import { ACCEPT, DRY_RUN, install, PRESET, SET, settingsOf } from './install.ts'

export const INSTALLATION = required('<installation>', 'name, as "skerry market ls" shows it', fits(ShortName))

/** Fails if there is none of this name. */
async function installationNamed(name: string, session: Session) {
  const { client } = await session.hub()
  const rows = await allRows((page) => client.market.installations(page, { signal: session.signal }))
  const found = rows.find((row) => row.name === name)
  if (!found) throw wrongUsage(`there is no installation ${name}`, '"skerry market ls" lists them')
  return found
}

export const upgradeInstallation = command({
  name: 'market upgrade',
  summary: 'Upgrade an installation along the versions of its listing, or change its settings',
  details:
    'Permissions that were accepted stay accepted. A new permission needs --accept again. The preset of the installation stays, unless you give another one.',
  examples: [
    'skerry market upgrade pump-watch --dry-run',
    'skerry market upgrade pump-watch --accept',
    'skerry market upgrade pump-watch --preset canary --accept',
    'skerry market upgrade pump-watch --set limit=7',
  ],
  arguments: { name: INSTALLATION },
  options: {
    version: value('--to <version>', 'the newest one that follows, by default', fits(ListingVersion)),
    set: SET,
    preset: PRESET,
    channel: usually('--channel <channel>', 'stable', 'stable or beta', fits(Channel)),
    isAccepted: ACCEPT,
    isDryRun: DRY_RUN,
  },
  async run({ name, version, set, preset, channel, isAccepted, isDryRun }, session) {
    const { client } = await session.hub()
    const { catalogue, listing, settings, selector, scope, upgrade } = await installationNamed(name, session)
    const place = { catalogue, listing, version: version ?? upgrade }
    const changed = await settingsOf(client, place, set, session.signal)
    const wish = { name, catalogue, listing, version, channel, selector, scope, preset, accept: [] }
    await install({ ...wish, settings: { ...settings, ...changed } }, { isAccepted, isDryRun }, session)
  },
})
