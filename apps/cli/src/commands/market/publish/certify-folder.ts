/** Certify folder: the certificate of a built listing, and the file in which a publisher keeps it. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Certificate, CheckStatement } from '@skerry/contract/market/certificate'
import { annotationsOf, certificateOf, checkOf } from '@skerry/core/market/certify-listing'
import { checkListing } from '@skerry/core/market/checks/check-listing'
import { digestOf } from '@skerry/platform/files/hash'
import type { Style } from '../../../program/terminal/style.ts'
import { tableOf } from '../../../program/terminal/table.ts'
import type { BuiltListing } from './built-listing.ts'

export const CERTIFICATE_FILE = 'certificate.json'

/** Runs the checks of level 1. */
export const certify = ({ listing, digest, found }: BuiltListing): Certificate =>
  certificateOf(listing, digest, checkListing({ listing, files: found, digestOf }))

/** Writes it beside the listing, so that a reviewer sees it. */
export async function writeCertificate(folder: string, certificate: Certificate): Promise<string> {
  const path = join(folder, CERTIFICATE_FILE)
  await writeFile(path, `${JSON.stringify(certificate, undefined, 2)}\n`)
  return path
}

/** A line for each check, and the findings below. */
export function statementsText(statements: readonly CheckStatement[], style: Style): string {
  const rows = statements.map((statement) => {
    const { facts = {} } = annotationsOf(statement) ?? {}
    const { result } = statement.predicate
    const shown = result === 'PASSED' ? style.green('passed') : style.red(result.toLowerCase())
    return [
      checkOf(statement),
      shown,
      Object.entries(facts)
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
