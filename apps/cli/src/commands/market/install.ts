import type { SkerryClient } from '@skerry/client/client'
import { carryOut } from '@skerry/client/market/carry-out'
import type { AppConfig } from '@skerry/contract/apps/config-schema'
import { type InstallPlan, type InstallWish, RolloutPreset } from '@skerry/contract/market/installation'
import { Channel, type Listing, ShortName } from '@skerry/contract/market/listing'
import { SelectorText } from '@skerry/contract/values/names'
import { settingValue } from '@skerry/core/apps/app-config'
import { fitText } from '@skerry/core/market/fleet-fit'
import { permissionKey } from '@skerry/core/market/permission-diff'
import { command, fits, flag, list, usually, value } from '../../program/command.ts'
import { wrongUsage } from '../../program/failure.ts'
import type { Session } from '../../program/session.ts'
import { parseSetting, type Setting } from '../deployments/deploy-settings.ts'
import { SCOPE_OPTIONS, scopeOf } from '../sources/source-reference.ts'
import { catalogueOf, LISTING } from './listing-reference.ts'
import { planText, stepsYaml } from './market-view.ts'

export const ACCEPT = flag('--accept', 'accept all permissions that the listing asks for')
export const DRY_RUN = flag('--dry-run', 'show the devices, the permissions and the steps as YAML, and change nothing')
export const PRESET = value(
  '--preset <name>',
  `a complete strategy: ${RolloutPreset.options.join(', ')}`,
  fits(RolloutPreset),
)
export const SET = list('--set <name=value>', 'setting of the listing', parseSetting)

export const installListing = command({
  name: 'market install',
  summary: 'Install a listing: its sources, sinks, versions and deployments',
  details:
    'Each step is an ordinary request with your own permissions. After an interruption, the same command continues: a step that is done ' +
    'changes nothing. An installation names its objects INSTALLATION-ITEM, so a listing can be installed several times with --as.',
  examples: [
    'skerry market install pump-watch --dry-run',
    'skerry market install pump-watch --set limit=8 --devices \'device.labels.line == "3"\' --accept',
    'skerry market install pump-watch --preset staged --accept',
    'skerry market install plant/pump-watch@1.0.0 --as hall-2 --device hall-2 --accept',
  ],
  arguments: { reference: LISTING },
  options: {
    name: value('--as <name>', 'name of the installation; that of the listing by default', fits(ShortName)),
    set: SET,
    selector: usually('--devices <selector>', 'true', 'devices that run it', fits(SelectorText)),
    // The owner of its sources and sinks.
    ...SCOPE_OPTIONS,
    preset: PRESET,
    channel: usually('--channel <channel>', 'stable', 'stable or beta', fits(Channel)),
    isAccepted: ACCEPT,
    isDryRun: DRY_RUN,
  },
  async run({ reference, name, set, isAccepted, isDryRun, scope, site, device, ...rest }, session) {
    const { client } = await session.hub()
    const { signal } = session
    const catalogue = await catalogueOf(client, reference, signal)
    const { listing, version } = reference
    const wish: InstallWish = {
      name: name ?? listing,
      catalogue,
      listing,
      version,
      ...rest,
      scope: scopeOf({ scope, site, device }),
      accept: [],
      settings: await settingsOf(client, { catalogue, listing, version }, set, signal),
    }
    await install(wish, { isAccepted, isDryRun }, session)
  },
})

/** Plans, and carries the plan out unless it is a dry run. */
export async function install(
  wish: InstallWish,
  { isAccepted, isDryRun }: { isAccepted: boolean; isDryRun: boolean },
  session: Session,
): Promise<void> {
  const { client } = await session.hub()
  const { signal, style } = session
  const plan = await client.market.plan(wish, { signal })
  if (isDryRun) {
    const text = () => `${planText(plan, style)}\n\n${stepsYaml(plan.steps)}\nnothing was changed`
    session.print({ json: { dryRun: true, ...plan }, text })
    return
  }
  const accept = isAccepted ? plan.permissions.asked.map(permissionKey) : []
  const begun = await client.market.install({ ...wish, accept }, { signal })
  await carryOut(client, begun, ({ outcome }) => session.note(outcome), signal)
  session.print({ json: begun, text: () => doneText(begun) })
}

const doneText = ({ name, listing, version, change, fleet }: InstallPlan) =>
  `${{ install: 'installed', upgrade: 'upgraded', repair: 'repaired' }[change]} ${name} (${listing}@${version}); it ${fitText(fleet)}`

type Place = { catalogue: string; listing: string; version: string | undefined }

/** The words of the command line as values. The schema of the listing gives their types. */
export async function settingsOf(
  client: SkerryClient,
  place: Place,
  set: readonly Setting[],
  signal: AbortSignal,
): Promise<AppConfig> {
  if (set.length === 0) return {}
  const { listing } = await client.market.get(place, { signal })
  return valuesOf(listing, set)
}

function valuesOf({ name: listing, settings }: Listing, set: readonly Setting[]): AppConfig {
  const { properties = {} } = settings ?? {}
  const values: AppConfig = {}
  for (const [name, text] of set) {
    const schema = Object.hasOwn(properties, name) ? properties[name] : undefined
    if (!schema)
      throw wrongUsage(`${listing} has no setting ${name}`, `it has ${Object.keys(properties).join(', ') || 'none'}`)
    const typed = settingValue(schema, text)
    if (typed === undefined) throw wrongUsage(`the setting ${name} takes a ${schema.type}, not ${text}`)
    values[name] = typed
  }
  return values
}
