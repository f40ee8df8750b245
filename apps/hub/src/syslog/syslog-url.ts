/** Syslog URL: the receiver as the guard of webhooks looks at it: it has the scheme whose addresses must be public or allowed by name. */
import type { SyslogTarget } from '@skerry/contract/audit/audit-export'

export const urlOf = ({ host, port }: Pick<SyslogTarget, 'host' | 'port'>): URL =>
  new URL(`https://${host.includes(':') ? `[${host}]` : host}:${port}`)
