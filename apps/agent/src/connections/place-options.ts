/** Place options: the operator's own statements on the place of this computer. They count whatever the hub says. */
import type { Clearance } from '@skerry/contract/values/clearance'

export type PlaceSwitches = {
  /** The most sensitive data that this computer may handle. Undefined: that of its site. */
  clearance: Clearance | undefined
  /** [ISO 3166-1 alpha-2] The country in which this computer stands. Undefined: that of its site. */
  country: string | undefined
  /** Whether the line costs by the byte. Undefined: as NetworkManager knows it. */
  metered: boolean | undefined
}

export const PLACE_FLAGS = {
  clearance: { type: 'string' },
  country: { type: 'string' },
  metered: { type: 'string' },
} as const

export const PLACE_HELP = `  --clearance CLASS   public, internal, confidential or restricted: handle no data above it (default: what the site may)
  --country CC        where this computer stands, such as DE: run nothing whose data must stay elsewhere (default: as the site)
  --metered W         "yes" or "no": whether the line costs by the byte (default: what NetworkManager knows)`

/** The same as the contract's Clearance, which is not imported here: the launcher must stay light. */
const CLEARANCES: readonly Clearance[] = ['public', 'internal', 'confidential', 'restricted']

/** `EU` is a group of countries. */
const GROUP = 'EU'

type Flags = { clearance?: string | undefined; country?: string | undefined; metered?: string | undefined }

const quote = (text: string) => JSON.stringify(text.slice(0, 100))

/** The mistake in the arguments; undefined if there is none. */
export function placeTrouble({ clearance, country, metered }: Flags): string | undefined {
  if (clearance !== undefined && !CLEARANCES.some((one) => one === clearance))
    return `--clearance must be one of ${CLEARANCES.join(', ')}, not ${quote(clearance)}`
  if (country !== undefined && (!/^[A-Z]{2}$/.test(country) || country === GROUP))
    return `--country must be the two capital letters of a country such as DE, not ${quote(country)}`
  if (metered !== undefined && metered !== 'yes' && metered !== 'no')
    return `--metered must be yes or no, not ${quote(metered)}`
  return undefined
}

export const placeOf = ({ clearance, country, metered }: Flags): PlaceSwitches => ({
  clearance: CLEARANCES.find((one) => one === clearance),
  country,
  metered: metered === undefined ? undefined : metered === 'yes',
})
