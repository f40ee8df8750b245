/** Vulnerabilities: advisories that match parts of versions, and rules about them. */
import type { Noun } from '../nouns/noun.ts'
import { vulnerabilityHandlers } from './vulnerability-handlers.ts'
import { vulnerabilityPolicyHandlers } from './vulnerability-policy-handlers.ts'

type Handlers = { vulnerability: typeof vulnerabilityHandlers; vulnerabilityPolicy: typeof vulnerabilityPolicyHandlers }

const handlers: Handlers = { vulnerability: vulnerabilityHandlers, vulnerabilityPolicy: vulnerabilityPolicyHandlers }

export const vulnerabilityNoun = {
  handlers,
  purge: [
    ['version_parts', ['version_id', 'purl']],
    ['advisory_packages', ['organisation_id', 'ecosystem', 'package', 'advisory']],
    ['advisories', ['organisation_id', 'id']],
    ['vex_statements', ['organisation_id', 'vulnerability', 'product', 'author']],
    ['accepted_risks', ['organisation_id', 'vulnerability']],
    ['vulnerability_policies', ['organisation_id']],
  ],
} satisfies Noun
