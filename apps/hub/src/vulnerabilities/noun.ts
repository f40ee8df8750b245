/** Vulnerabilities: advisories that match parts of versions. */
import type { Noun } from '../nouns/noun.ts'
import { vulnerabilityHandlers } from './vulnerability-handlers.ts'

type Handlers = { vulnerability: typeof vulnerabilityHandlers }

const handlers: Handlers = { vulnerability: vulnerabilityHandlers }

export const vulnerabilityNoun = {
  handlers,
  purge: [
    ['version_parts', ['version_id', 'purl']],
    ['advisory_packages', ['organisation_id', 'ecosystem', 'package', 'advisory']],
    ['advisories', ['organisation_id', 'id']],
    ['vex_statements', ['organisation_id', 'vulnerability', 'product', 'author']],
    ['accepted_risks', ['organisation_id', 'vulnerability']],
  ],
} satisfies Noun
