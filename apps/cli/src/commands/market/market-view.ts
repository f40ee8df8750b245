/** Market view: listings, plans and installations in the terminal. */
import type { Catalogue, FoundListing } from '@skerry/contract/market/catalogue'
import type { Installation, InstallPlan, InstallStep } from '@skerry/contract/market/installation'
import { type Rating, STARS_MAX } from '@skerry/contract/market/opinion'
import { fitText } from '@skerry/core/market/fleet-fit'
import { permissionKey } from '@skerry/core/market/permission-diff'
import { stepDocument } from '@skerry/core/market/step-document'
import { stringify } from 'yaml'
import type { Style } from '../../program/terminal/style.ts'
import { factsOf, tableOf } from '../../program/terminal/table.ts'
import { agoText, instantText } from '../../program/terminal/words.ts'

export const listingsTable = (rows: readonly FoundListing[], style: Style): string =>
  tableOf(
    style,
    ['LISTING', 'VERSION', 'TITLE', 'KINDS', 'PUBLISHER', 'CERTIFIED', 'RATING', 'INSTALLED', 'WORKS WITH'],
    rows.map(({ catalogue, entry, installed, rating, recommended }) => [
      `${catalogue}/${entry.name}`,
      entry.version,
      entry.title,
      entry.kinds.join(', '),
      entry.publisher,
      entry.certificate ? `level ${entry.certificate.level}` : 'no',
      ratingText(rating),
      installed,
      recommended && `your ${recommended.join(', ')}`,
    ]),
    'no listing fits; "skerry market catalogue ls" lists the catalogues',
  )

/** The stars of the organisation. */
export const ratingText = (rating: Rating | undefined): string | undefined =>
  rating && `${rating.mean} of ${STARS_MAX} (${rating.count})`

export const cataloguesTable = (rows: readonly Catalogue[], style: Style, nowMs: number): string =>
  tableOf(
    style,
    ['CATALOGUE', 'INDEX', 'LISTINGS', 'EXPIRES', 'CHECKED', 'STATE', 'FROM'],
    rows.map(({ name, version, listings, expiresAtMs, checkedAtMs, problem, url, isOwn }) => [
      name,
      version,
      listings,
      instantText(expiresAtMs),
      agoText(checkedAtMs, nowMs),
      problem ? style.red(problem.code) : style.green('good'),
      isOwn ? 'this hub, which signs it' : (url ?? 'a folder of the hub'),
    ]),
    'no catalogues yet; "skerry market catalogue add" subscribes to one',
  )

export const installationsTable = (rows: readonly Installation[], style: Style): string =>
  tableOf(
    style,
    ['INSTALLATION', 'LISTING', 'VERSION', 'STATE', 'DEVICES', 'UPGRADE', 'NOTICE'],
    rows.map(({ name, catalogue, listing, version, state, upgrade, notice, usage }) => [
      name,
      `${catalogue}/${listing}`,
      version,
      state === 'installed' ? style.green(state) : style.yellow(state),
      usage && `${usage.devices}, ${usage.healthy} healthy`,
      upgrade,
      notice,
    ]),
    'nothing is installed; "skerry market search" lists what can be',
  )

/** The effect of an installation, before it begins. */
export function planText(plan: InstallPlan, style: Style): string {
  const { name, listing, version, change, from, permissions, fleet } = plan
  const facts = factsOf(style, [
    [change, change === 'upgrade' ? `${name}: ${listing} ${from} to ${version}` : `${name}: ${listing} ${version}`],
    ['devices', fitText(fleet)],
    ['entitlement', plan.entitlement && style.yellow(plan.entitlement)],
    ['no longer needed', permissions.dropped.join(', ')],
  ])
  const unaccepted = new Set(permissions.unaccepted.map(permissionKey))
  const table = tableOf(
    style,
    ['PERMISSION', 'ACCEPTED', 'PURPOSE'],
    permissions.asked.map((permission) => {
      const key = permissionKey(permission)
      return [key, unaccepted.has(key) ? style.yellow('no') : 'yes', permission.purpose]
    }),
    'the listing asks for no permission',
  )
  return `${facts}\n\n${table}`
}

/** The steps as documents: the result of the installation, which people can review and keep. */
export const stepsYaml = (steps: readonly InstallStep[]): string =>
  steps.map((step) => stringify(stepDocument(step))).join('---\n')
