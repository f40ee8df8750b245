import { writeFile } from 'node:fs/promises'
import { allRows } from '@skerry/client/page'
import type { Installation } from '@skerry/contract/market/installation'
import { asIs, command, value } from '../../program/command.ts'
import { fail } from '../../program/failure.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { catalogueOf, LISTING } from './listing-reference.ts'

export const reportUsage = command({
  name: 'market usage',
  summary: 'Count the devices that run a listing by version, as a report that you can send to its publisher',
  details:
    'Skerry sends nothing to a publisher. The report has counts only: no name of an organisation, a site, a device or an installation. Read it, ' +
    'and send the file if your organisation agrees.',
  examples: ['skerry market usage pump-watch', 'skerry market usage plant/pump-watch --out usage.json'],
  arguments: { reference: LISTING },
  options: { out: value('--out <file>', 'new file for the report', asIs) },
  async run({ reference, out }, session) {
    const { client } = await session.hub()
    const { signal, io, style } = session
    const catalogue = await catalogueOf(client, reference, signal)
    const all = await allRows((page) => client.market.installations(page, { signal }))
    const own = all.filter((each) => each.catalogue === catalogue && each.listing === reference.listing)
    const report = { v: 1, listing: reference.listing, atMs: io.nowMs(), versions: countsOf(own) }
    if (out !== undefined) await writeReport(out, report)
    session.print({
      json: report,
      text: () =>
        tableOf(
          style,
          ['VERSION', 'INSTALLATIONS', 'DEVICES', 'HEALTHY'],
          report.versions.map((each) => [each.version, each.installations, each.devices, each.healthy]),
          `nothing of ${reference.listing} is installed`,
        ),
    })
  },
})

/** A device with two installations of one version counts twice: the hub counts for each installation. */
function countsOf(installations: readonly Installation[]) {
  const byVersion = Map.groupBy(installations, ({ version }) => version)
  return [...byVersion].map(([version, rows]) => ({
    version,
    installations: rows.length,
    devices: rows.reduce((sum, { usage }) => sum + (usage?.devices ?? 0), 0),
    healthy: rows.reduce((sum, { usage }) => sum + (usage?.healthy ?? 0), 0),
  }))
}

async function writeReport(out: string, report: object): Promise<void> {
  try {
    await writeFile(out, `${JSON.stringify(report, undefined, 2)}\n`, { flag: 'wx' })
  } catch (cause) {
    throw fail('file_unwritable', `cannot write ${out}`, { cause })
  }
}
