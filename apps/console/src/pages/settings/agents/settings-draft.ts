/** Settings draft: the texts of the form for one place, and the settings in them. */
import { DeviceSettings, PLAIN_SETTINGS, type PlainSetting } from '@skerry/contract/settings/device-settings'
import { settingForms, settingText, settingValue } from '@skerry/core/settings/setting-forms'
import { parse, stringify } from 'yaml'
import { agentsTexts } from './english-agents.ts'

export type SettingsDraft = Record<PlainSetting, string> & {
  /** Facts, locks and the network, in YAML. */
  rules: string
}

export type DraftProblems = Partial<Record<keyof SettingsDraft, string>>

export type ReadDraft = { ok: true; settings: DeviceSettings } | { ok: false; problems: DraftProblems }

/** The form of these settings. */
export function draftOf(settings: DeviceSettings): SettingsDraft {
  const { facts, locks, network } = settings
  const rules = { ...(facts && { facts }), ...(locks && { locks }), ...(network && { network }) }
  return {
    logLevel: settingText(settings.logLevel),
    reportIntervalMinSeconds: settingText(settings.reportIntervalMinSeconds),
    diskFreeMinMb: settingText(settings.diskFreeMinMb),
    networkChecks: settingText(settings.networkChecks),
    hostName: settingText(settings.hostName),
    timeZone: settingText(settings.timeZone),
    timeServers: settingText(settings.timeServers),
    proxy: settingText(settings.proxy),
    downloadMbPerDay: settingText(settings.downloadMbPerDay),
    downloadRates: settingText(settings.downloadRates),
    siteDownloadMbPerDay: settingText(settings.siteDownloadMbPerDay),
    siteCaches: settingText(settings.siteCaches),
    rules: Object.keys(rules).length === 0 ? '' : stringify(rules),
  }
}

/** The settings in the form, or a problem for each field that has one. */
export function readDraft(draft: SettingsDraft): ReadDraft {
  const rules = readRules(draft.rules)
  if (!rules.ok) return { ok: false, problems: { rules: rules.problem } }
  const plain = PLAIN_SETTINGS.flatMap((setting) => {
    const value = settingValue(settingForms[setting], draft[setting])
    return value === undefined ? [] : [[setting, value] as const]
  })
  const read = DeviceSettings.safeParse({ ...Object.fromEntries(plain), ...rules.rules })
  if (read.success) return { ok: true, settings: read.data }
  const problems: DraftProblems = {}
  for (const { path, message } of read.error.issues) {
    const [field, ...inner] = path
    const setting = PLAIN_SETTINGS.find((name) => name === field)
    if (setting) problems[setting] ??= message
    else problems.rules ??= `${[field, ...inner].join('.')}: ${message}`
  }
  return { ok: false, problems }
}

const RULE_KEYS: ReadonlySet<string> = new Set(['facts', 'locks', 'network'])

type Rules = { ok: true; rules: Record<string, unknown> } | { ok: false; problem: string }

function readRules(text: string): Rules {
  try {
    const found: unknown = text.trim() === '' ? {} : parse(text)
    const isMap = typeof found === 'object' && found !== null && !Array.isArray(found)
    const keys = isMap ? Object.keys(found) : ['']
    const isKnown = keys.every((key) => RULE_KEYS.has(key))
    return isMap && isKnown ? { ok: true, rules: { ...found } } : { ok: false, problem: agentsTexts.problem.keys }
  } catch (error) {
    const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
    return { ok: false, problem: agentsTexts.problem.yaml(line) }
  }
}
