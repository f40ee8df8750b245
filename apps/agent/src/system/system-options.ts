/** System options: a device changes its own machine for the hub only if its own command line allows that. */
export type SystemSwitch = 'name' | 'time' | 'network' | 'power'

export const SYSTEM_FLAGS = { 'allow-system': { type: 'string' } } as const

export const SYSTEM_HELP = `  --allow-system L    parts of the machine that the hub may change: name, time, network, power (default: none)`

const KINDS: readonly SystemSwitch[] = ['name', 'time', 'network', 'power']

type Flags = { 'allow-system'?: string | undefined }

const wordsOf = ({ 'allow-system': text = '' }: Flags) => text.split(',').filter((word) => word !== '')

/** The mistake in the arguments; undefined if there is none. */
export function systemTrouble(flags: Flags): string | undefined {
  const wrong = wordsOf(flags).find((word) => !KINDS.some((kind) => kind === word))
  return wrong === undefined
    ? undefined
    : `--allow-system must be a list of ${KINDS.join(', ')}, such as name,time, not ${JSON.stringify(wrong.slice(0, 100))}`
}

export const systemOf = (flags: Flags): SystemSwitch[] => KINDS.filter((kind) => wordsOf(flags).includes(kind))
