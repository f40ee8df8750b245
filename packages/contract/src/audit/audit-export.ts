/** Audit export: where an organisation's trail is sent besides, record by record: a syslog receiver [RFC 5424, over TLS: RFC 5425]. */
import * as z from 'zod'
import { InstantMs } from '../values/names.ts'

/** [RFC 1035 2.3.4] A name has 253 characters at most; an IPv6 address stands without brackets. */
const Host = z
  .string()
  .max(253)
  .regex(
    /^([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*)$/,
    'must be a host name or an address',
  )

/** A chain of some certificates, in PEM. */
const Pem = z.string().min(1).max(65_536)

/** [RFC 5425 4.1] The port of syslog over TLS. */
const SYSLOG_PORT = 6514

/** [RFC 5424 6.2.1] "log audit". */
const AUDIT_FACILITY = 13

export const SyslogTarget = z.strictObject({
  host: Host,
  port: z.int().min(1).max(65_535).default(SYSLOG_PORT),
  /** The name that the receiver's certificate must have, where it is not the host. */
  serverName: Host.optional(),
  /** Whom the receiver's certificate must be signed by; the usual authorities where absent. */
  authorityPem: Pem.optional(),
  /** What the hub shows of itself, where the receiver asks for it. */
  certificatePem: Pem.optional(),
  facility: z.int().min(0).max(23).default(AUDIT_FACILITY),
})
export type SyslogTarget = z.infer<typeof SyslogTarget>

export const SyslogWish = SyslogTarget.extend({
  /** The key of that certificate; encrypted where it is kept, and shown to nobody. */
  privateKeyPem: Pem.optional(),
  /** Begin anew with this record; where it stood, or with the first one, where absent. */
  fromSequence: z.int().min(1).optional(),
})
export type SyslogWish = z.infer<typeof SyslogWish>

const count = z.int().min(0)

export const SyslogState = z.strictObject({
  target: SyslogTarget,
  /** The last record that the receiver has taken. */
  sentThrough: count,
  sentAtMs: InstantMs.optional(),
  /** Records that it has not taken yet, and since when the first of them waits. */
  waiting: count,
  waitingSinceMs: InstantMs.optional(),
  /** Why the last attempt failed, and how many have since one that did not. */
  problem: z.strictObject({ message: z.string(), sinceMs: InstantMs, attempts: count }).optional(),
})
export type SyslogState = z.infer<typeof SyslogState>
