import { readYaml } from '@skerry/client/manifests/yaml-documents'
import { DeviceSettings, type PlainSetting } from '@skerry/contract/settings/device-settings'
import { settingsTag } from '@skerry/contract/values/entity-tag'
import { asIs, command, flag, list, value } from '../../program/command.ts'
import { fail, wrongUsage } from '../../program/failure.ts'
import { readText } from '../../program/input-file.ts'
import type { Session } from '../../program/session.ts'
import { parseDuration } from '../../program/values.ts'
import { knownSettings } from './known-settings.ts'
import { PLACE } from './place-argument.ts'
import { settingsPlanText } from './settings-view.ts'

export const setSettings = command({
  name: 'settings set',
  summary: 'Set the device settings of the organisation, a site or a device',
  details:
    'Of each setting, the most specific place counts: the device, its site, the organisation. --set changes single settings: ' +
    'log-level, report-interval (60s to 150s), disk-free-mb, network-checks (addresses separated by commas), ' +
    'download-mb-per-day, download-rates (such as 06:00-22:00 Europe/Berlin 256 kB/s, separated by commas), ' +
    'site-download-mb-per-day, site-caches (such as press-4=10.0.0.7:8600), ' +
    'host-name, time-zone, time-servers, proxy (such as http://proxy.example.com:3128, or direct). An empty value, as in log-level=, leaves the setting to less specific places. ' +
    'A file has all settings of the place, with facts, locks and the network.',
  examples: [
    'skerry settings set site:hamburg --set log-level=debug --dry-run',
    'skerry settings set organisation --set network-checks=time.example.com:123,10.0.0.1:443',
    'skerry settings set site:hamburg -f settings.yaml',
  ],
  arguments: { place: PLACE },
  options: {
    changes: list('--set <name=value>', 'one setting', asIs),
    file: value('-f, --file <file>', 'YAML file with all settings of the place, or - for stdin', asIs),
    isDryRun: flag('--dry-run', 'show the devices that would change, and change nothing'),
  },
  async run({ place, changes, file, isDryRun }, session) {
    if ((file === undefined) === (changes.length === 0))
      throw wrongUsage('give either --set or --file', 'a file has all settings of the place')
    const { client } = await session.hub()
    const { signal } = session
    const known = await knownSettings(client, place, signal)
    const spec = file === undefined ? changed(known?.settings ?? {}, changes) : await settingsIn(file, session)
    const plan = await client.settings.plan({ settings: place, spec }, { signal })
    if (isDryRun) {
      session.print({ json: { dryRun: true, plan, settings: spec }, text: () => settingsPlanText(place, plan) })
      return
    }
    const context = known ? { ifMatch: settingsTag(known) } : { ifNoneMatch: '*' as const }
    const { change, layer } = await client.settings.set({ settings: place, spec }, { signal, context })
    session.print({
      json: { change, plan, ...(layer && { layer }) },
      text: () => settingsPlanText(place, plan),
    })
  },
})

/** Fails with `file_invalid`, and names all errors. */
async function settingsIn(file: string, { io }: Session): Promise<DeviceSettings> {
  const isStdin = file === '-'
  const text = isStdin ? await io.readStdin() : await readText(file)
  const { values, problems } = readYaml(text, {
    file: isStdin ? 'stdin' : file,
    schema: DeviceSettings,
  })
  if (problems.length > 0)
    throw fail('file_invalid', problems.map(({ place, message }) => `${place}: ${message}`).join('\n'))
  const [only] = values
  if (values.length !== 1 || !only) throw fail('file_invalid', `${file}: it must have one document of settings`)
  return only.value
}

/** The words of people for the plain settings. Batches have the same for theirs. */
const WORDS: Readonly<Record<string, { name: PlainSetting; read: (text: string) => unknown }>> = {
  'log-level': { name: 'logLevel', read: (text) => text },
  'report-interval': { name: 'reportIntervalMinSeconds', read: (text) => parseDuration(text) },
  'disk-free-mb': { name: 'diskFreeMinMb', read: Number },
  'host-name': { name: 'hostName', read: (text) => text },
  'time-zone': { name: 'timeZone', read: (text) => text },
  'time-servers': { name: 'timeServers', read: (text) => text.split(',') },
  proxy: { name: 'proxy', read: (text) => text },
  'network-checks': { name: 'networkChecks', read: (text) => text.split(',') },
  'download-mb-per-day': { name: 'downloadMbPerDay', read: Number },
  'download-rates': { name: 'downloadRates', read: (text) => text.split(',') },
  'site-download-mb-per-day': { name: 'siteDownloadMbPerDay', read: Number },
  'site-caches': { name: 'siteCaches', read: (text) => text.split(',') },
}

function changed(settings: DeviceSettings, changes: readonly string[]): DeviceSettings {
  const next: Record<string, unknown> = { ...settings }
  for (const text of changes) {
    const [, word = '', given = ''] = /^([a-z-]+)=(.*)$/.exec(text) ?? []
    const row = WORDS[word]
    if (!row) throw wrongUsage(`--set must be NAME=VALUE with one of ${Object.keys(WORDS).join(', ')}, not ${text}`)
    if (given === '') delete next[row.name]
    else next[row.name] = row.read(given)
    const read = DeviceSettings.shape[row.name].safeParse(next[row.name])
    if (!read.success) throw wrongUsage(`--set ${word}: ${read.error.issues[0]?.message}`)
  }
  return DeviceSettings.parse(next)
}
