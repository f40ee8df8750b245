/** Procedures on audit export: where the trail is sent besides. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import type { SyslogWish } from '@skerry/contract/audit/audit-export'
import { tellVaultError } from '../encryption/tell-vault-error.ts'
import type { KeyCall } from '../http/call.ts'
import { os } from '../http/implementer.ts'
import { problem } from '../http/problem.ts'
import { toJson } from '../store/json-column.ts'
import type { Tx } from '../store/store.ts'
import { findSyslog, forgetSyslog, saveSyslog, syslogKeyPlace, syslogStateOf } from './syslog-store.ts'
import { urlOf } from './syslog-url.ts'

export const syslogHandlers = {
  syslog: os.audit.syslog.handler(async ({ context: { hub, organisationId } }) => {
    const row = await findSyslog(hub.store.db, organisationId)
    return row ? { syslog: await syslogStateOf(hub.store.db, row) } : {}
  }),
  setSyslog: os.audit.setSyslog.handler(async ({ context, input, signal }) => {
    const { hub, organisationId } = context
    refuseCertificates(input)
    await hub.webhooks.addressOf(urlOf(input), signal ?? hub.signal).catch((error: unknown) => {
      throw problem('syslog_refused', error instanceof Error ? error.message : undefined)
    })
    return context.change(async (tx, note) => {
      const { privateKeyPem, fromSequence, ...target } = input
      const before = await findSyslog(tx, organisationId)
      const sent = fromSequence === undefined ? (before?.sent_sequence ?? 0) : fromSequence - 1
      const row = {
        organisation_id: organisationId,
        target: toJson(target),
        revision: (before?.revision ?? 0) + 1,
        private_key: privateKeyPem === undefined ? null : await seal(tx, context, privateKeyPem),
        sent_sequence: sent,
        sent_checkpoint: Math.min(sent, before?.sent_checkpoint ?? 0),
        sent_at_ms: before?.sent_at_ms ?? null,
        problem: null,
      }
      await saveSyslog(tx, row)
      const { authorityPem: _, certificatePem: __, ...shown } = target
      note.object = { kind: 'syslog', id: `${target.host}:${target.port}`.slice(0, 128) }
      note.detail = { ...shown, ...(fromSequence !== undefined && { fromSequence }) }
      return syslogStateOf(tx, row)
    })
  }),
  removeSyslog: os.audit.removeSyslog.handler(({ context }) =>
    context.change(async (tx, note) => {
      const row = await findSyslog(tx, context.organisationId)
      if (!row) throw problem('syslog_unknown')
      const { target, sentThrough, waiting } = await syslogStateOf(tx, row)
      await forgetSyslog(tx, context.organisationId)
      note.object = { kind: 'syslog', id: `${target.host}:${target.port}`.slice(0, 128) }
      note.detail = { sentThrough, waiting }
      return {}
    }),
  ),
}

/** Found here, and not by the first attempt: whoever sets it is still looking. */
function refuseCertificates({ authorityPem, certificatePem, privateKeyPem }: SyslogWish): void {
  if ((certificatePem === undefined) !== (privateKeyPem === undefined))
    throw problem('syslog_refused', 'certificatePem and privateKeyPem go together')
  try {
    if (authorityPem !== undefined) new X509Certificate(authorityPem)
    if (certificatePem === undefined || privateKeyPem === undefined) return
    if (new X509Certificate(certificatePem).checkPrivateKey(createPrivateKey(privateKeyPem))) {
      createSecureContext({ cert: certificatePem, key: privateKeyPem })
      return
    }
  } catch {
    throw problem('syslog_refused', 'a certificate or its key is not readable PEM')
  }
  throw problem('syslog_refused', 'privateKeyPem is not the key of certificatePem')
}

const seal = (tx: Tx, { hub, organisationId }: KeyCall, privateKeyPem: string): Promise<string> =>
  tellVaultError(() => hub.vault.seal(tx, syslogKeyPlace(organisationId), Buffer.from(privateKeyPem)))
