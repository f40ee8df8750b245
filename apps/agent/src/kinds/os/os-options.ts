/** OS options: the hub changes the operating system of a device only if the device's own command line allows that. */

/** `debian`: install packages by apt. `rauc`: install bundles of RAUC. `reboot`: restart the machine after an update that demands it. */
export type OsSwitch = 'debian' | 'rauc' | 'reboot'

export const OS_FLAGS = { 'allow-os': { type: 'string' } } as const

export const OS_HELP = `  --allow-os L        updates of the operating system: debian (packages by apt), rauc (bundles), reboot (default: none)`

const SWITCHES: readonly OsSwitch[] = ['debian', 'rauc', 'reboot']

type Flags = { 'allow-os'?: string | undefined }

const wordsOf = ({ 'allow-os': text = '' }: Flags) => text.split(',').filter((word) => word !== '')

/** The mistake in the arguments; undefined if there is none. */
export function osTrouble(flags: Flags): string | undefined {
  const wrong = wordsOf(flags).find((word) => !SWITCHES.some((one) => one === word))
  return wrong === undefined
    ? undefined
    : `--allow-os must be a list of ${SWITCHES.join(', ')}, such as debian,reboot, not ${JSON.stringify(wrong.slice(0, 100))}`
}

export const osAccessOf = (flags: Flags): OsSwitch[] => SWITCHES.filter((one) => wordsOf(flags).includes(one))
