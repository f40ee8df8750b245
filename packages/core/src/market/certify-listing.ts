/** Certify listing: the results of checks as in-toto statements, and their comparison with a repetition. */
import { type Certificate, type CheckStatement, TEST_RESULT_TYPE } from '@skerry/contract/market/certificate'
import type { Listing } from '@skerry/contract/market/listing'
import { IN_TOTO_STATEMENT_TYPE } from '@skerry/contract/models/signature'
import type { Digest } from '@skerry/contract/values/digest'
import { canonicalJson } from '../values/canonical-json.ts'
import type { CheckResult } from './checks/check-listing.ts'

/** The certificate of a level. It has no time, so that a repetition gives the same bytes. */
export const certificateOf = (
  { name, version }: Pick<Listing, 'name' | 'version'>,
  digest: Digest,
  results: readonly CheckResult[],
): Certificate => ({
  v: 1,
  listing: name,
  level: 1,
  statements: results.map(
    ({ check, result, facts, findings }): CheckStatement => ({
      _type: IN_TOTO_STATEMENT_TYPE,
      subject: [{ name: `${name}@${version}`, digest: { sha256: digest.slice('sha256:'.length) } }],
      predicateType: TEST_RESULT_TYPE,
      predicate: {
        result,
        configuration: [
          {
            name: check,
            annotations: {
              level: 1,
              command: `skerry market verify ${name}@${version} --catalogue FOLDER --check ${check}`,
              facts,
              findings,
            },
          },
        ],
      },
    }),
  ),
})

/** Whether no check failed. */
export const isPassed = ({ statements }: Certificate): boolean =>
  statements.every(({ predicate }) => predicate.result !== 'FAILED')

export type StatementDifference = { check: string; message: string }

/** Compares a certificate with a repetition: each statement must be the same. */
export function compareCertificates(claimed: Certificate, repeated: Certificate): StatementDifference[] {
  const claims = new Map(claimed.statements.map((statement) => [checkOf(statement), statement]))
  return repeated.statements.flatMap((statement) => {
    const check = checkOf(statement)
    const claim = claims.get(check)
    if (!claim) return [{ check, message: 'the certificate has no statement about it' }]
    if (claim.subject[0]?.digest.sha256 !== statement.subject[0]?.digest.sha256) {
      return [{ check, message: 'the statement is about another version of the listing' }]
    }
    if (canonicalJson(claim.predicate) === canonicalJson(statement.predicate)) return []
    const { result } = statement.predicate
    const found = annotationsOf(statement)?.findings[0] ?? 'the facts differ'
    return [
      { check, message: `the certificate says ${claim.predicate.result}, and the repetition ${result}: ${found}` },
    ]
  })
}

/** The name of the check of a statement. */
export const checkOf = ({ predicate }: CheckStatement): string => predicate.configuration[0]?.name ?? ''

/** The command, the facts and the findings of a statement. */
export const annotationsOf = ({ predicate }: CheckStatement) => predicate.configuration[0]?.annotations
