/** Procedures on the authorities that sign devices' certificates. */
import * as z from 'zod'
import { Authority, AuthorityChain, AuthorityOverview } from '../authorities/authority.ts'
import { AuthorityId } from '../values/ids.ts'
import { procedure } from './procedure.ts'

/** [RFC 5280, appendix A.1] A common name has 64 characters at most. */
const CommonName = z.string().regex(/^[ -~]{1,64}$/, 'must be 1 to 64 printable characters of ASCII')

/** A fleet of 100,000 renews in an hour without that anybody notices; who wants to see it through by hand takes a month. */
const WITHIN_SECONDS = { min: 0, max: 2_592_000, default: 600 }

export const authorityProcedures = {
  list: procedure({
    method: 'GET',
    path: '/v1/authorities',
    access: 'hub.read',
    scope: 'none',
    approval: 'none',
    summary: 'List the authorities of device certificates, and how many devices use each',
    errors: ['authority_unknown'],
  })
    .input(z.strictObject({}))
    .output(AuthorityOverview),
  request: procedure({
    method: 'POST',
    path: '/v1/authorities',
    access: 'hub.write',
    scope: 'none',
    approval: 'none',
    summary: 'Create a key for the next authority, and a request for its certificate',
    errors: ['authorities_full', 'authority_state_refused', 'authority_unknown', 'encryption_key_unavailable'],
  })
    .input(z.strictObject({ commonName: CommonName.default('Skerry hub') }))
    .output(Authority),
  import: procedure({
    method: 'PUT',
    path: '/v1/authorities/{authority}/chain',
    access: 'hub.write',
    scope: 'none',
    approval: 'none',
    summary: 'Import the certificate for a request, with its chain up to the root',
    errors: ['authority_unknown', 'authority_state_refused', 'authority_chain_refused', 'encryption_key_unavailable'],
  })
    .input(z.strictObject({ authority: AuthorityId, chainPem: AuthorityChain }))
    .output(Authority),
  rotate: procedure({
    method: 'POST',
    path: '/v1/authorities/rotate',
    access: 'hub.write',
    scope: 'none',
    approval: 'none',
    summary:
      'Let another authority sign from now on: one that is ready, or a new one of the hub; earlier authorities stay trusted',
    errors: ['authorities_full', 'authority_unknown', 'authority_state_refused', 'encryption_key_unavailable'],
  })
    .input(
      z.strictObject({
        authority: AuthorityId.optional(),
        /** Over what time devices that are connected renew. */
        withinSeconds: z.int().min(WITHIN_SECONDS.min).max(WITHIN_SECONDS.max).default(WITHIN_SECONDS.default),
      }),
    )
    .output(Authority),
  retire: procedure({
    method: 'POST',
    path: '/v1/authorities/{authority}/retire',
    access: 'hub.write',
    scope: 'none',
    approval: 'none',
    summary: 'Stop trusting an authority; rejected while devices use its certificates, unless forced',
    errors: ['authority_unknown', 'authority_state_refused', 'authority_in_use'],
  })
    .input(z.strictObject({ authority: AuthorityId, force: z.boolean().default(false) }))
    .output(Authority),
  cancel: procedure({
    method: 'DELETE',
    path: '/v1/authorities/{authority}',
    access: 'hub.write',
    scope: 'none',
    approval: 'none',
    summary: 'Delete an authority that has not signed yet',
    errors: ['authority_unknown', 'authority_state_refused'],
  })
    .input(z.strictObject({ authority: AuthorityId }))
    .output(z.strictObject({})),
}
