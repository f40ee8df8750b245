/** Certify listing: the results of checks as in-toto statements, and their comparison with a repetition. */
import {
  BehaviourCheck,
  type Certificate,
  type CheckName,
  type CheckStatement,
  DeviceCheck,
  TEST_RESULT_TYPE,
} from '@skerry/contract/market/certificate'
import type { Listing } from '@skerry/contract/market/listing'
import { IN_TOTO_STATEMENT_TYPE } from '@skerry/contract/models/signature'
import type { Digest } from '@skerry/contract/values/digest'
import { canonicalJson } from '../values/canonical-json.ts'
import type { CheckResult } from './checks/check-listing.ts'
import { NOT_RUN } from './not-run.ts'

/** The level to which a check belongs. */
export function levelOfCheck(check: string): 1 | 2 | 3 {
  if (DeviceCheck.safeParse(check).success) return 3
  return BehaviourCheck.safeParse(check).success ? 2 : 1
}

/** The checks of a level that need facts from elsewhere. A level is reached without them, unless they fail. */
const OPTIONAL: ReadonlySet<string> = new Set<CheckName>(['vulnerabilities', 'neighbours'])

/** The certificate with the level that its checks reach. It has no time. A repetition gives the same results and facts. */
export const certificateOf = (
  { name, version }: Pick<Listing, 'name' | 'version'>,
  digest: Digest,
  results: readonly CheckResult[],
): Certificate => {
  const statements = results.map(
    ({ check, result, facts, measured, findings }): CheckStatement => ({
      _type: IN_TOTO_STATEMENT_TYPE,
      subject: [{ name: `${name}@${version}`, digest: { sha256: digest.slice('sha256:'.length) } }],
      predicateType: TEST_RESULT_TYPE,
      predicate: {
        result,
        configuration: [
          {
            name: check,
            annotations: {
              level: levelOfCheck(check),
              command: commandOf(`${name}@${version}`, check),
              facts,
              ...(measured && { measured }),
              findings,
            },
          },
        ],
      },
    }),
  )
  return { v: 1, listing: name, level: Math.max(1, levelReached({ statements })), statements }
}

/** The command that repeats the check. Level 3 also needs an installation of the version on a hub. */
const commandOf = (version: string, check: string) =>
  `skerry market verify ${version} --catalogue FOLDER --check ${check}${levelOfCheck(check) === 3 ? ' --installation NAME' : ''}`

/** One certificate with the statements of both, about the same version. */
export function joinCertificates(form: Certificate, more: Certificate): Certificate {
  const statements = [...form.statements, ...more.statements]
  return { ...form, level: Math.max(1, levelReached({ statements })), statements }
}

/** Whether the check of the statement was run. */
export const wasRun = (statement: CheckStatement): boolean => annotationsOf(statement)?.facts.run !== NOT_RUN

/** The highest level of which all checks were run, and none failed. 0 if not even level 1 passes. */
export function levelReached({ statements }: Pick<Certificate, 'statements'>): number {
  const reached = [1, 2, 3].findIndex((level) => {
    const own = statements.filter((statement) => levelOfCheck(checkOf(statement)) === level)
    return own.length === 0 || own.some(isShort)
  })
  return reached === -1 ? 3 : reached
}

/** Whether the statement keeps a certificate from its level. */
export const isShort = (statement: CheckStatement) =>
  statement.predicate.result === 'FAILED' || !(wasRun(statement) || OPTIONAL.has(checkOf(statement)))

/** Whether each statement is about the listing of this digest. A changed part or need makes another digest. */
export const isAbout = ({ statements }: Certificate, digest: Digest): boolean =>
  statements.every(({ subject }) => subject[0]?.digest.sha256 === digest.slice('sha256:'.length))

/** Whether no check failed. */
export const isPassed = ({ statements }: Certificate): boolean =>
  statements.every(({ predicate }) => predicate.result !== 'FAILED')

export type StatementDifference = { check: string; message: string }

/** Compares a certificate with a repetition: each repeated statement must be the same, apart from measured facts. */
export function compareCertificates(claimed: Certificate, repeated: Certificate): StatementDifference[] {
  const claims = new Map(claimed.statements.map((statement) => [checkOf(statement), statement]))
  return repeated.statements.flatMap((statement) => {
    const check = checkOf(statement)
    const claim = claims.get(check)
    // Advisories of today may name a part that nobody could check before.
    const isNew = statement.predicate.result === 'FAILED'
    if (!wasRun(statement) || (claim && !wasRun(claim) && !isNew)) return []
    // A certificate may be older than the check.
    if (!claim && OPTIONAL.has(check) && !isNew) return []
    if (!claim) return [{ check, message: 'the certificate has no statement about it' }]
    if (claim.subject[0]?.digest.sha256 !== statement.subject[0]?.digest.sha256) {
      return [{ check, message: 'the statement is about another version of the listing' }]
    }
    if (canonicalJson(comparable(claim)) === canonicalJson(comparable(statement))) return []
    const { result } = statement.predicate
    const found = annotationsOf(statement)?.findings[0] ?? 'the facts differ'
    return [
      { check, message: `the certificate says ${claim.predicate.result}, and the repetition ${result}: ${found}` },
    ]
  })
}

/** The predicate without the facts of one run. */
function comparable(statement: CheckStatement) {
  const { measured: _, ...annotations } = annotationsOf(statement) ?? {}
  return { result: statement.predicate.result, annotations }
}

/** The name of the check of a statement. */
export const checkOf = ({ predicate }: CheckStatement): string => predicate.configuration[0]?.name ?? ''

/** The command, the facts, measured ones and the findings of a statement. */
export const annotationsOf = ({ predicate }: CheckStatement) => predicate.configuration[0]?.annotations
