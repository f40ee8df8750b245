/** Page options: the arguments of the command line about the local page of the device. */
import type { Address } from '../options.ts'

export type PageSwitches = {
  /** Undefined if the operator wants no page. Without a password there is none anyway. */
  address: Address | undefined
  /** Reads a password for the page, and ends. */
  isPasswordSet: boolean
  /** A person must agree to each grant of remote access on the page first. */
  isConsentNeeded: boolean
}

/** Only this computer reaches it. The port is beside those of the inference servers. */
const USUAL = '127.0.0.1:8580'

export const PAGE_FLAGS = {
  page: { type: 'string', default: USUAL },
  'set-page-password': { type: 'boolean', default: false },
  'remote-consent': { type: 'boolean', default: false },
} as const

export const PAGE_HELP = `  --page HOST:PORT    address of the device's own page, once it has a password, or "off" (default: ${USUAL})
  --set-page-password read a password for that page from standard input, store its hash, and end
  --remote-consent    a person must agree to each grant of remote access on that page`

type Flags = { page: string; 'set-page-password': boolean; 'remote-consent': boolean }
type Parse = (text: string) => Address | undefined

/** The mistake in the arguments; undefined if there is none. */
export function pageTrouble({ page }: Flags, parse: Parse): string | undefined {
  if (page === 'off' || parse(page)) return undefined
  return `--page must be HOST:PORT such as ${USUAL}, or off, not ${JSON.stringify(page.slice(0, 100))}`
}

export const pageOf = (flags: Flags, parse: Parse): PageSwitches => ({
  address: flags.page === 'off' ? undefined : parse(flags.page),
  isPasswordSet: flags['set-page-password'],
  isConsentNeeded: flags['remote-consent'],
})
