/** Certify folder: the certificate of a built listing, and the file in which a publisher keeps it. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Certificate, CheckStatement } from '@skerry/contract/market/certificate'
import type { OsvAdvisory } from '@skerry/contract/vulnerabilities/osv'
import {
  annotationsOf,
  certificateOf,
  checkOf,
  isPassed,
  isShort,
  joinCertificates,
  levelReached,
  wasRun,
} from '@skerry/core/market/certify-listing'
import { checkDevices, type ObservedInstallation } from '@skerry/core/market/checks/check-devices'
import { checkListing } from '@skerry/core/market/checks/check-listing'
import { digestOf } from '@skerry/platform/files/hash'
import { exitCodes, Failure, wrongUsage } from '../../../program/failure.ts'
import type { Session } from '../../../program/session.ts'
import type { Style } from '../../../program/terminal/style.ts'
import { tableOf } from '../../../program/terminal/table.ts'
import { engineSocket } from '../../apps/archives/engine-images.ts'
import { observeInstallation } from '../evidence/observe-installation.ts'
import { readAdvisories } from '../evidence/read-advisories.ts'
import type { RunListing } from '../sandbox/certify-behaviour.ts'
import type { BuiltListing } from './built-listing.ts'

export const CERTIFICATE_FILE = 'certificate.json'

/** The level of checks that a publisher asks for. */
export type Level = 1 | 2 | 3

type Certified = Pick<BuiltListing, 'listing' | 'digest' | 'found'> & Pick<RunListing, 'contentOf'>

export type Evidence = {
  level: Level
  advisories?: readonly OsvAdvisory[] | undefined
  /** Level 3 judges an installation of the version on devices. */
  observed?: ObservedInstallation | undefined
  /** The socket of the container engine in which level 2 runs apps. */
  engineSocket: string
  /** The folder with the versions that the listing follows. */
  catalogue?: string | undefined
}

/** Runs the checks of the level. A listing that does not pass level 1 is not run. */
export async function certify(
  { listing, digest, found, contentOf }: Certified,
  { level, advisories, observed, engineSocket, catalogue }: Evidence,
  signal: AbortSignal,
): Promise<Certificate> {
  const checked = { listing, files: found, digestOf, advisories }
  const form = certificateOf(listing, digest, checkListing(checked))
  if (level === 1 || !isPassed(form)) return form
  // The runtime and the flows would slow the start of every other command.
  const { behaviourOf } = await import('../sandbox/certify-behaviour.ts')
  const behaviour = certificateOf(
    listing,
    digest,
    await behaviourOf({ ...checked, contentOf, engineSocket, catalogue }, signal),
  )
  const joined = joinCertificates(form, behaviour)
  if (level === 2 || !observed) return joined
  return joinCertificates(joined, certificateOf(listing, digest, checkDevices({ listing, digest, observed })))
}

type Asked = {
  level: Level
  osv: string | undefined
  installation: string | undefined
  catalogue?: string | undefined
}

/** Reads the facts that the checks of the level need. Level 3 needs an installation on a hub. */
export async function gatherEvidence(
  { level, osv, installation, catalogue }: Asked,
  session: Session,
): Promise<Evidence> {
  if ((level === 3) !== (installation !== undefined))
    throw wrongUsage('level 3 needs --installation, and only level 3 uses it')
  const observed = installation === undefined ? undefined : await observeInstallation(installation, session)
  return {
    level,
    advisories: await readAdvisories(osv),
    observed,
    engineSocket: engineSocket(session.io.env),
    catalogue,
  }
}

/** The certificate, or a failure with the findings if the listing does not reach the level. */
export function requireLevel(certificate: Certificate, level: Level, next: string): Certificate {
  if (isPassed(certificate) && levelReached(certificate) >= level) return certificate
  const short = certificate.statements.filter(isShort)
  const findings = short.flatMap((one) =>
    (annotationsOf(one)?.findings ?? []).map((text) => `${checkOf(one)}: ${text}`),
  )
  throw new Failure({
    code: 'listing_refused',
    message: [`${subjectOf(certificate)} does not pass level ${level}`, ...findings].join('\n'),
    next,
    exitCode: exitCodes.failed,
  })
}

const subjectOf = ({ listing, statements }: Certificate) => statements[0]?.subject[0]?.name ?? listing

/** Writes it beside the listing, so that a reviewer sees it. */
export async function writeCertificate(folder: string, certificate: Certificate): Promise<string> {
  const path = join(folder, CERTIFICATE_FILE)
  await writeFile(path, `${JSON.stringify(certificate, undefined, 2)}\n`)
  return path
}

/** A line for each check, and the findings below. */
export function statementsText(statements: readonly CheckStatement[], style: Style): string {
  const rows = statements.map((statement) => {
    const { facts = {}, measured = {} } = annotationsOf(statement) ?? {}
    const shown = resultText(statement, style)
    return [
      checkOf(statement),
      shown,
      Object.entries({ ...facts, ...measured })
        .map(([name, value]) => `${name} ${value}`)
        .join(', '),
    ]
  })
  const findings = statements.flatMap((statement) =>
    (annotationsOf(statement)?.findings ?? []).map((finding) => `${checkOf(statement)}: ${finding}`),
  )
  const table = tableOf(style, ['CHECK', 'RESULT', 'FACTS'], rows, '')
  return findings.length === 0 ? table : `${table}\n\n${findings.join('\n')}`
}

function resultText(statement: CheckStatement, style: Style): string {
  const { result } = statement.predicate
  if (!wasRun(statement)) return style.yellow('not run')
  if (result === 'PASSED') return style.green('passed')
  return result === 'WARNED' ? style.yellow('warned') : style.red('failed')
}
