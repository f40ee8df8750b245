/** Site view: one site as facts. */
import type { Site } from '@skerry/contract/sites/site'
import type { Style } from '../../program/terminal/style.ts'
import { factsOf } from '../../program/terminal/table.ts'
import { instantText, labelsText } from '../../program/terminal/words.ts'

/** A site, whole. */
export function siteText(site: Site, style: Style): string {
  const { coordinates } = site
  return factsOf(style, [
    ['name', site.name],
    ['id', site.id],
    ['kind', site.kind],
    ['country', site.country],
    ['region', site.region],
    ['coordinates', coordinates && `${coordinates.latitude}, ${coordinates.longitude}`],
    ['clearance', site.clearance],
    ['labels', labelsText(site.labels)],
    ['devices', site.deviceCount],
    ['revision', site.revision],
    ['created', instantText(site.createdAtMs)],
  ])
}
