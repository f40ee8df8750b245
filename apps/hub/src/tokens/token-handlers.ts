/** Handlers of the procedures on join tokens. */
import { JoinTokenContent } from '@skerry/contract/joining/join'
import { signingKeyId } from '@skerry/platform/signatures/dsse'
import { os } from '../http/implementer.ts'
import { pageFrom } from '../http/page.ts'
import { problem, unknownName } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { installationOf } from '../install/installation.ts'
import { hashSecret } from '../keys/key-secret.ts'
import { findSite } from '../sites/site-store.ts'
import { toJson } from '../store/json-column.ts'
import { insertToken, listTokens, revokeToken, tokenOf } from './token-store.ts'

export const tokenHandlers = {
  create: os.token.create.handler(({ context, input }) =>
    context.change(async (tx, note) => {
      const { hub, organisationId } = context
      const site = await findSite(tx, organisationId, input.site)
      if (!site) throw unknownName('site_unknown', input.site)
      const secret = hub.ids.secret()
      const nowMs = hub.clock.nowMs()
      const row = {
        id: hub.ids.token(),
        organisation_id: organisationId,
        site_id: site.id,
        secret_hash: hashSecret(secret),
        labels: toJson(input.labels),
        uses_max: input.usesMax,
        uses: 0,
        approval: input.approval,
        networks: toJson(input.networks),
        created_at_ms: nowMs,
        expires_at_ms: nowMs + input.expiresInSeconds * 1_000,
        revoked_at_ms: null,
      }
      await insertToken(tx, row)
      note.object.id = row.id
      note.detail = input
      const installation = await installationOf(tx, hub.config, organisationId)
      return { token: tokenTextOf(hub, secret), record: tokenOf({ ...row, site: site.name }), installation }
    }),
  ),
  list: os.token.list.handler(async ({ context: { hub, organisationId }, input: { limit, after } }) => {
    const rows = await listTokens(hub.store.db, { organisationId, limit: limit + 1, after })
    return pageFrom(rows.map(tokenOf), limit, (token) => token.id)
  }),
  revoke: os.token.revoke.handler(({ context, input }) =>
    context.change(async (tx) => {
      const { hub, organisationId } = context
      const revokedAtMs = await revokeToken(tx, { organisationId, id: input.token, nowMs: hub.clock.nowMs() })
      if (revokedAtMs === undefined) throw problem('token_unknown')
      return { revokedAtMs }
    }),
  ),
}

/**
 * A person carries this text to the device. It has the hub's address, the fingerprint to verify the hub, and the
 * secret.
 */
function tokenTextOf({ config, signing }: Pick<Hub, 'config' | 'signing'>, secret: string): string {
  const known = { ca: config.caFingerprint, signer: signingKeyId(signing.publicKeyPem) }
  const content = JoinTokenContent.parse({ v: 1, hub: config.publicUrl(), ...known, secret })
  return `skj_${Buffer.from(JSON.stringify(content)).toString('base64url')}`
}
