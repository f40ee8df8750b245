/** Batch options: a command for many devices, as words of the command line. */
import { ServiceName } from '@skerry/contract/apps/app'
import { AgentConfiguration, BatchCommand, BatchKind, typedKinds } from '@skerry/contract/batches/batch-command'
import { LogLevel } from '@skerry/contract/devices/log-line'
import { BatchId } from '@skerry/contract/values/ids'
import { Name } from '@skerry/contract/values/names'
import { fits, list, required, value } from '../../program/command.ts'
import { wrongUsage } from '../../program/failure.ts'
import { parseDuration, parseLabelChange, parseLimit } from '../../program/values.ts'

/** The argument of every command about one batch. */
export const BATCH = required('<batch>', 'id of the batch', fits(BatchId))

export const KIND = required('<command>', typedKinds.join(', '), fits(BatchKind))

type Setting = readonly [string, string | number | null]

/** Options of single commands. The contract decides which options belong to which command. */
export const commandOptions = {
  level: value('--level <level>', `collect-logs: this level and above: ${LogLevel.options.join(', ')}`, fits(LogLevel)),
  lines: value('--lines <count>', 'collect-logs: the maximum number of lines', parseLimit),
  labels: list('--label <change>', 'relabel: key=value sets a label, key- removes it', parseLabelChange),
  settings: list(
    '--set <setting>',
    "set-configuration: NAME=VALUE, or NAME= for the value of the agent's command line",
    parseSetting,
  ),
  app: value('--app <app>', 'restart-app, stop-app, start-app: the app', fits(Name)),
  service: value('--service <service>', 'restart-app: only this service', fits(ServiceName)),
}

export type CommandWords = {
  level: LogLevel | undefined
  lines: number | undefined
  labels: readonly (readonly [string, string | undefined])[]
  settings: readonly Setting[]
  app: Name | undefined
  service: ServiceName | undefined
}

/** Builds the command from the options. */
export function commandOf(kind: BatchKind, words: CommandWords): BatchCommand {
  const parsed = BatchCommand.safeParse({ kind, ...partsOf(words) })
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  if (issue?.code === 'unrecognized_keys')
    throw wrongUsage(`${kind} has no such option`, `see skerry batch create --help`)
  throw wrongUsage(`${kind}: ${issue?.message ?? 'something is missing'}`, 'see skerry batch create --help')
}

function partsOf({ level, lines, labels, settings, app, service }: CommandWords) {
  const set = labels.filter((change): change is [string, string] => change[1] !== undefined)
  const remove = labels.flatMap(([key, text]) => (text === undefined ? [key] : []))
  return {
    ...(level !== undefined && { level }),
    ...(lines !== undefined && { limit: lines }),
    ...(labels.length > 0 && { set: Object.fromEntries(set), remove }),
    ...(app !== undefined && { app }),
    ...(service !== undefined && { service }),
    ...(settings.length > 0 && { configuration: Object.fromEntries(settings) }),
  }
}

/** The setting as people write it → its name in the agent. */
const SETTINGS: Readonly<Record<string, { key: keyof AgentConfiguration; read(text: string): string | number }>> = {
  'log-level': { key: 'logLevel', read: (text) => text },
  'report-interval': { key: 'reportIntervalMinSeconds', read: parseDuration },
  'disk-free-mb': { key: 'diskFreeMinMb', read: Number },
}

/** `log-level=debug`. An empty value, as in `log-level=`, resets the setting to the agent's command line. */
function parseSetting(text: string): Setting {
  const [, name = '', word = ''] = /^([^=]+)=(.*)$/.exec(text) ?? []
  const setting = SETTINGS[name]
  if (!setting) throw new Error(`must be NAME=VALUE with one of ${Object.keys(SETTINGS).join(', ')}`)
  const pair = [setting.key, word === '' ? null : setting.read(word)] as const
  const fitting = AgentConfiguration.safeParse(Object.fromEntries([pair]))
  if (!fitting.success) throw new Error(`${name}: ${fitting.error.issues[0]?.message}`)
  return pair
}

/** An instant, or a duration from now. */
export function parseStart(text: string): { atMs: number } | { inSeconds: number } {
  const atMs = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(atMs) ? { inSeconds: parseDuration(text) } : { atMs }
}
