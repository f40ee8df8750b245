/**
 * Device settings: the values that an organisation, a site or a device sets for its agents. Each field that is set at
 * several places counts as the most specific place says: the device, then its site, then the organisation. Facts and
 * locks are united by name. A batch command `set-configuration` and the device's command line keep their own values.
 */
import * as z from 'zod'
import { SITE_CACHES_MAX, SiteCacheAddress } from '../chunks/site-cache.ts'
import { isTimeZone } from '../deployments/update-window.ts'
import { LogLevel } from '../devices/log-line.ts'
import { SecretScope } from '../secrets/secret.ts'
import { InstantMs, Name } from '../values/names.ts'
import {
  CONNECTIONS_MAX,
  HostName,
  NetworkConnection,
  SystemReading,
  TIME_SERVERS_MAX,
  TimeServer,
  TimeZone,
} from './system-settings.ts'

/** The place that a layer of settings belongs to. */
export const SettingsScope = SecretScope
export type SettingsScope = z.infer<typeof SettingsScope>

/** A fact is one short text about a machine. More than these would be telemetry, which has sources and flows. */
export const FACTS_MAX = 32
export const FACT_VALUE_MAX = 200

/** As a field in a selector: `device.facts.line_state`. */
export const FactName = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,30}$/, 'must be 1 to 31 of a-z, 0-9 and _, beginning with a letter')

/**
 * The origin of a fact on the device. A device reads only the files, variables and commands that its own command line allows
 * (`--allow-fact`): the hub alone cannot make it read a file or run a program.
 */
export const FactFrom = z.union([
  /**
   * The first 64 KiB of a file: its first line, or the value of the first line `KEY=VALUE` or `KEY: VALUE`. Patterns
   * are left out: a slow one would stop the agent.
   */
  z.strictObject({
    file: z.string().startsWith('/', 'must be an absolute path').max(300),
    key: z.string().min(1).max(100).optional(),
  }),
  /** A variable of the agent's environment. */
  z.strictObject({ environment: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,62}$/, 'must be the name of a variable') }),
  /** The first line that a command prints. The device's command line says which program the name means. */
  z.strictObject({ command: Name }),
  /** The value of a tag of a source on the device. */
  z.strictObject({ source: Name, tag: z.string().min(1).max(200) }),
])
export type FactFrom = z.infer<typeof FactFrom>

export const FactRule = z.strictObject({
  name: FactName,
  from: FactFrom,
  /** The time between two readings. */
  everySeconds: z.int().min(5).max(86_400).default(60),
})
export type FactRule = z.infer<typeof FactRule>

export const LOCKS_MAX = 16

/** While the fact has another value than these, or none, the device installs nothing. */
export const LockRule = z.strictObject({
  name: Name,
  fact: FactName,
  /** The values with which installing is allowed. */
  openWhen: z.array(z.string().min(1).max(FACT_VALUE_MAX)).min(1).max(16),
})
export type LockRule = z.infer<typeof LockRule>

export const CHECKS_MAX = 16

/** An address that the device should reach: a host name or an address, and a TCP port. */
export const CheckTarget = z
  .string()
  .regex(/^(\[[0-9a-fA-F:.]{2,45}\]|[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?):[1-9][0-9]{0,4}$/, {
    error: 'must be HOST:PORT, such as time.example.com:443',
  })

export const RATES_MAX = 16

/** A connection whose pieces arrive more slowly than this counts as cut. */
const RATE_KB_MIN = 8

/** A rate for some hours of each day, such as `06:00-22:00 Europe/Berlin 256 kB/s`. A range may pass midnight. */
export const DownloadRate = z
  .string()
  .max(120)
  .regex(/^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00) [A-Za-z][A-Za-z0-9_+/-]* [1-9]\d{0,6} kB\/s$/, {
    error: 'must be like 06:00-22:00 Europe/Berlin 256 kB/s',
  })
  .refine((text) => Number(/(\d+) kB\/s$/.exec(text)?.[1]) >= RATE_KB_MIN, {
    error: `must be at least ${RATE_KB_MIN} kB/s`,
  })
  .refine((text) => isTimeZone(text.split(' ')[1] ?? ''), { error: 'must name a time zone such as Europe/Berlin' })

/** The way to the hub: an HTTP proxy that passes TLS on, or none. A password has no place in settings that many people read. */
export const ProxySetting = z.union([
  z.literal('direct'),
  z
    .string()
    .max(300)
    .regex(/^http:\/\/(\[[0-9a-fA-F:.]{2,45}\]|[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?):[1-9][0-9]{0,4}$/, {
      error: 'must be http://HOST:PORT, such as http://proxy.example.com:3128, or direct',
    }),
])
export type ProxySetting = z.infer<typeof ProxySetting>

/** The settings of one place. An absent field is left to the less specific places. */
export const DeviceSettings = z
  .strictObject({
    logLevel: LogLevel.optional(),
    /** The least time between reports without a change. Under three report intervals, or the device counts as silent. */
    reportIntervalMinSeconds: z.int().min(60).max(150).optional(),
    /** This part of the disk stays free whatever arrives. */
    diskFreeMinMb: z.int().min(64).max(1_000_000).optional(),
    /** Addresses that the device tries to reach each minute. */
    networkChecks: z.array(CheckTarget).max(CHECKS_MAX).optional(),
    /** Of one device only: two machines of one name would be confused. */
    hostName: HostName.optional(),
    timeZone: TimeZone.optional(),
    timeServers: z.array(TimeServer).min(1).max(TIME_SERVERS_MAX).optional(),
    /** Files of versions that the device fetches in a day (UTC). Then the rest waits for the next day. */
    downloadMbPerDay: z.int().min(1).max(1_000_000).optional(),
    /** The first rate whose hours it is counts; without one the device fetches as fast as it can. */
    downloadRates: z.array(DownloadRate).max(RATES_MAX).optional(),
    /** Files of versions that the hub sends to all devices of a site in a day (UTC). Of a site or the organisation. */
    siteDownloadMbPerDay: z.int().min(1).max(10_000_000).optional(),
    /** Devices that keep files for their neighbours. The first one that answers is used, and the hub else. */
    siteCaches: z.array(SiteCacheAddress).min(1).max(SITE_CACHES_MAX).optional(),
    /** The agent tries it first, and keeps its last way if the hub does not answer. */
    proxy: ProxySetting.optional(),
    facts: z.array(FactRule).max(FACTS_MAX).optional(),
    locks: z.array(LockRule).max(LOCKS_MAX).optional(),
    /** Connections of NetworkManager. An empty list takes the managed ones away. */
    network: z.array(NetworkConnection).max(CONNECTIONS_MAX).optional(),
  })
  .refine(({ facts = [] }) => isDistinct(facts), { error: 'two facts have one name', path: ['facts'] })
  .refine(({ locks = [] }) => isDistinct(locks), { error: 'two locks have one name', path: ['locks'] })
  .refine(({ network = [] }) => isDistinct(network), { error: 'two connections have one name', path: ['network'] })
export type DeviceSettings = z.infer<typeof DeviceSettings>

const isDistinct = (named: readonly { name: string }[]) => new Set(named.map(({ name }) => name)).size === named.length

/** The names of fields that are single values. */
export const PLAIN_SETTINGS = [
  'logLevel',
  'reportIntervalMinSeconds',
  'diskFreeMinMb',
  'networkChecks',
  'hostName',
  'timeZone',
  'timeServers',
  'downloadMbPerDay',
  'downloadRates',
  'siteDownloadMbPerDay',
  'siteCaches',
  'proxy',
] as const
export type PlainSetting = (typeof PLAIN_SETTINGS)[number]

/** The settings of one place as a record. */
export const SettingsLayer = z.strictObject({
  scope: SettingsScope,
  settings: DeviceSettings,
  /** Counts changes from 1. */
  revision: z.int().min(1),
  createdAtMs: InstantMs,
  changedAtMs: InstantMs,
  changedBy: z.string().max(200),
})
export type SettingsLayer = z.infer<typeof SettingsLayer>

/** A fact as the device read it. `problem` is the reason for a missing value. */
export const FactReading = z.object({
  name: FactName,
  value: z.string().max(FACT_VALUE_MAX).optional(),
  problem: z.string().max(300).optional(),
  atMs: InstantMs,
})
export type FactReading = z.infer<typeof FactReading>

export const CheckResult = z.object({
  target: CheckTarget,
  /** Until the connection stood; absent if it did not. */
  milliseconds: z.number().min(0).max(60_000).optional(),
  problem: z.string().max(300).optional(),
  atMs: InstantMs,
})
export type CheckResult = z.infer<typeof CheckResult>

/** A field whose value on the device comes from elsewhere: a batch command set it there. */
export const Override = z.object({ setting: z.enum(PLAIN_SETTINGS), value: z.string().max(200) })
export type Override = z.infer<typeof Override>

/** Devices that a plan names. The counts are of all. */
export const SETTINGS_NAMES_MAX = 100

const NamedDevices = z.strictObject({ count: z.int().min(0), names: z.array(Name).max(SETTINGS_NAMES_MAX) })

/** The devices of a place that do not run with the settings that count on them now. */
export const SettingsDrift = z.strictObject({
  /** They have not confirmed the settings yet. */
  behind: NamedDevices,
  /** A batch command has set another value of a setting there. */
  overridden: NamedDevices,
})
export type SettingsDrift = z.infer<typeof SettingsDrift>

/** The effect of settings before they are set. */
export const SettingsPlan = z.strictObject({
  change: z.enum(['create', 'update', 'remove', 'none']),
  /** The devices of the scope whose settings would differ. */
  devices: NamedDevices,
  /** The devices of the scope that more specific settings keep as they are. */
  unaffected: z.int().min(0),
  /** Of the settings before the change. Older hubs do not send it. */
  drift: SettingsDrift.optional(),
})
export type SettingsPlan = z.infer<typeof SettingsPlan>

/** A setting that counts on a device, and the place that says so. */
export const SettingOrigin = z.strictObject({
  /** Such as `logLevel`, `fact line_state` or `lock line`. */
  setting: z.string().max(80),
  value: z.string().max(1_000),
  scope: SettingsScope,
  /** The value that the device uses instead, because a batch command set it. */
  overriddenBy: z.string().max(200).optional(),
})
export type SettingOrigin = z.infer<typeof SettingOrigin>

/** The settings that count on a device, and what it said about them. */
export const SettingsOnDevice = z.strictObject({
  device: Name,
  origins: z.array(SettingOrigin),
  /** current: it has reported exactly these. behind: not yet. none: there are none for it, and it has none. */
  state: z.enum(['current', 'behind', 'none']),
  facts: z.array(FactReading),
  checks: z.array(CheckResult),
  /** The results of the settings that change the machine. Older hubs do not send them. */
  system: z.array(SystemReading).optional(),
  /** The time of its last report on them. */
  saidAtMs: InstantMs.optional(),
})
export type SettingsOnDevice = z.infer<typeof SettingsOnDevice>
