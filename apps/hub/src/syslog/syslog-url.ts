/**
 * Syslog URL: the receiver in the form for the guard of webhooks. It uses a scheme whose addresses must be public or
 * allowed by name.
 */
import type { SyslogTarget } from '@skerry/contract/audit/audit-export'

export const urlOf = ({ host, port }: Pick<SyslogTarget, 'host' | 'port'>): URL =>
  new URL(`https://${host.includes(':') ? `[${host}]` : host}:${port}`)
