import { BuildId } from '@skerry/contract/values/ids'
import { command, fits, required, value } from '../../program/command.ts'
import { parseModelReference } from '../../program/values.ts'

export const showModelSbom = command({
  name: 'model sbom',
  summary: 'Print the bill of materials of a version as a CycloneDX 1.6 document (JSON)',
  details:
    'Files with their digests, opsets, operators, licence (from a label or from the file), producer and lineage. For a build: its files, ' +
    'its version as the ancestor, recipe, calibration digest and tools.',
  examples: ['skerry model sbom anomaly:2', 'skerry model sbom anomaly@champion > anomaly.cdx.json'],
  arguments: {
    reference: required('<model>', 'NAME, NAME:VERSION or NAME@alias; the latest by default', parseModelReference),
  },
  options: {
    build: value('--build <build>', 'the bill of materials of this build of the version, by its id', fits(BuildId)),
  },
  async run({ reference: { name, version = 'latest' }, build }, session) {
    const { client } = await session.hub()
    const sbom = await client.model.sbom({ name, version, ...(build && { build }) }, { signal: session.signal })
    session.print({ json: sbom, text: () => JSON.stringify(sbom, undefined, 2) })
  },
})
