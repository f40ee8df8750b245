/** Syslog draft: a receiver as somebody is filling it in, and what is sent of it. */
import type { SyslogWish } from '@skerry/contract/audit/audit-export'
import { receiverTexts } from './english-receivers.ts'

const words = receiverTexts.syslog

export type SyslogDraft = {
  host: string
  /** Of an empty field the usual one counts. */
  port: number | undefined
  facility: number | undefined
  serverName?: string | undefined
  authorityPem?: string | undefined
  certificatePem?: string | undefined
  key: Blob | undefined
  from: number | undefined
}

/** [RFC 5425 4.1, RFC 5424 6.2.1] As the hub has them. */
export const DEFAULTS: SyslogDraft = { host: '', port: 6514, facility: 13, key: undefined, from: undefined }

/** Why it cannot be sent yet. */
export function whyNot({ host, certificatePem, key }: SyslogDraft): string | undefined {
  if (host === '') return words.noHost
  return saidIn(certificatePem) !== undefined && key === undefined ? words.noKey : undefined
}

/** What is left empty is not said; a key without its certificate is none. */
export function syslogWishOf(draft: SyslogDraft, key: string | undefined): SyslogWish {
  const { host, port = DEFAULTS.port, facility = DEFAULTS.facility, serverName, from } = draft
  const certificatePem = saidIn(draft.certificatePem)
  return {
    host,
    port: port ?? 6514,
    facility: facility ?? 13,
    serverName: saidIn(serverName),
    authorityPem: saidIn(draft.authorityPem),
    fromSequence: from,
    ...(certificatePem !== undefined && { certificatePem, privateKeyPem: key }),
  }
}

const saidIn = (text: string | undefined) => (text === undefined || text.trim() === '' ? undefined : text)
