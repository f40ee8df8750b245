/** OS options: the hub changes the operating system of a device only if the device's own command line allows that. */
import { isAbsolute } from 'node:path'

/**
 * `debian`: install packages by apt. `rauc`: install bundles of RAUC. `swupdate`: install images of SWUpdate. `reboot`:
 * restart the machine after an update that demands it.
 */
export type OsSwitch = 'debian' | 'rauc' | 'swupdate' | 'reboot'

/** A program of the owner of the device that decides whether a new system works. */
export type OsCheckWish = { program: string; limitMs: number }

export type OsOptions = {
  /** The updates that the hub may order. Empty means none. */
  access: readonly OsSwitch[]
  check: OsCheckWish | undefined
  /** The file that describes the slots of a device with SWUpdate. */
  swupdateSettings: string
}

export const OS_FLAGS = {
  'allow-os': { type: 'string' },
  'os-check': { type: 'string' },
  'os-check-seconds': { type: 'string' },
  'swupdate-settings': { type: 'string' },
} as const

/** Most services of a device answer within a minute after its start. */
const CHECK_SECONDS = 60

/** The loop of the agent waits for one run of the program. */
const CHECK_SECONDS_MAX = 600

const SWUPDATE_SETTINGS = '/etc/skerry/swupdate.json'

export const OS_HELP = `  --allow-os L        updates of the operating system: debian (packages by apt), rauc (bundles), swupdate (images), reboot (default: none)
  --os-check FILE     a program that must succeed in a new system before its slot is marked good (default: none)
  --os-check-seconds N  how long the program may fail in a new system before the version fails (default: ${CHECK_SECONDS})
  --swupdate-settings FILE  the slots of a device with SWUpdate (default: ${SWUPDATE_SETTINGS})`

const SWITCHES: readonly OsSwitch[] = ['debian', 'rauc', 'swupdate', 'reboot']

type Flags = { [Name in keyof typeof OS_FLAGS]?: string | undefined }

const wordsOf = ({ 'allow-os': text = '' }: Flags) => text.split(',').filter((word) => word !== '')

const quote = (text: string) => JSON.stringify(text.slice(0, 100))

/** The mistake in the arguments; undefined if there is none. */
export function osTrouble(flags: Flags): string | undefined {
  const wrong = wordsOf(flags).find((word) => !SWITCHES.some((one) => one === word))
  if (wrong !== undefined)
    return `--allow-os must be a list of ${SWITCHES.join(', ')}, such as debian,reboot, not ${quote(wrong)}`
  for (const name of ['os-check', 'swupdate-settings'] as const) {
    const path = flags[name]
    if (path !== undefined && !isAbsolute(path)) return `--${name} must be a whole path, not ${quote(path)}`
  }
  return secondsTrouble(flags)
}

function secondsTrouble({ 'os-check': program, 'os-check-seconds': text }: Flags): string | undefined {
  if (text === undefined) return undefined
  if (program === undefined) return '--os-check-seconds needs --os-check'
  const isSound = /^\d{1,3}$/.test(text) && Number(text) > 0 && Number(text) <= CHECK_SECONDS_MAX
  return isSound ? undefined : `--os-check-seconds must be 1 to ${CHECK_SECONDS_MAX}, not ${quote(text)}`
}

export function osOptionsOf(flags: Flags): OsOptions {
  const { 'os-check': program, 'os-check-seconds': seconds = CHECK_SECONDS } = flags
  return {
    access: SWITCHES.filter((one) => wordsOf(flags).includes(one)),
    check: program === undefined ? undefined : { program, limitMs: Number(seconds) * 1_000 },
    swupdateSettings: flags['swupdate-settings'] ?? SWUPDATE_SETTINGS,
  }
}
